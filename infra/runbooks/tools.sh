# What the runbooks call. Read it in for a stage:
#
#   stage=prod; . infra/runbooks/tools.sh
#
# It takes the AWS command line, logged in to the stage's account, and the register's own (`make build`), logged in by DTR_USER: an operator's
# `export DTR_USER=NAVN:SECRET`, as `dtr adgang create` or `rotate` showed it, or the first one's, by `dtr adgang bootstrap`.

stack=dagtilbudsregisteret-${stage:?test, preprod or prod}
config=$stage # what samconfig.toml calls the stage
if [ "$stage" = test ]; then config=default; fi
export AWS_REGION="${AWS_REGION:-eu-north-1}" AWS_PAGER=""

# out NAME is what the stack tells under a name, such as TableName.
out() {
  aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text
}

# resource ID is what AWS calls something that template.yaml makes, such as RelayFunction.
resource() {
  aws cloudformation describe-stack-resource --stack-name "$stack" --logical-resource-id "$1" \
    --query StackResourceDetail.PhysicalResourceId --output text
}

# alarm NAME is how an alarm stands, since when, and why.
alarm() {
  aws cloudwatch describe-alarms --alarm-names "dagtilbud-$stage-$1" \
    --query 'MetricAlarms[].[StateValue,StateUpdatedTimestamp,StateReason]' --output text
}

# past NAME is how it has stood before, the latest first.
past() {
  aws cloudwatch describe-alarm-history --alarm-name "dagtilbud-$stage-$1" --history-item-type StateUpdate --max-items 20 \
    --query 'AlarmHistoryItems[].[Timestamp,HistorySummary]' --output text
}

# ask LOG MINUTES QUERY asks a log, LogGroup of the functions or AccessLogGroup of the requests, about the last minutes.
ask() {
  query=$(aws logs start-query --log-group-name "$(out "$1")" --start-time $(($(date +%s) - $2 * 60)) --end-time "$(date +%s)" \
    --query-string "$3" --query queryId --output text)
  while :; do
    case $(aws logs get-query-results --query-id "$query" --query status --output text) in
    Scheduled | Running) sleep 1 ;;
    *) break ;;
    esac
  done
  aws logs get-query-results --query-id "$query" --query "results[*][?field!='@ptr'].value" --output text
}

# metric NAMESPACE NAME STATISTIC MINUTES DIMENSION=VALUE… is what was measured, in steps of five minutes.
metric() {
  namespace=$1 name=$2 statistic=$3 minutes=$4
  shift 4
  aws cloudwatch get-metric-statistics --namespace "$namespace" --metric-name "$name" --statistics "$statistic" --period 300 \
    --start-time $(($(date +%s) - minutes * 60)) --end-time "$(date +%s)" \
    --dimensions $(for d in "$@"; do echo "Name=${d%%=*},Value=${d#*=}"; done) \
    --query "sort_by(Datapoints,&Timestamp)[].[Timestamp,$statistic]" --output text
}

# deployed [VERSION] is the commit that a version of the functions was built from, by default that which callers get. Go writes it there:
# vcs.revision, and vcs.modified=true where something was changed and not committed.
deployed() {
  program=$(mktemp) &&
    curl -sf -o "$program.zip" "$(aws lambda get-function --function-name "$(resource ExportFunction):${1:-live}" --query Code.Location --output text)" &&
    unzip -p "$program.zip" bootstrap >"$program" && go version -m "$program" | grep vcs
  rm -f "$program" "$program.zip"
}

dtr() { build/dtr "$@"; }

DTR_URL=$(out ApiUrl)
case $DTR_URL in
https://*) export DTR_URL ;;
*)
  unset DTR_URL
  echo "There is no $stack in $AWS_REGION that these credentials can see: dtr would talk to this machine." >&2
  return 1
  ;;
esac
