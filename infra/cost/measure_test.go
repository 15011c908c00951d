package cost_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/middleware"

	"dagtilbudsregisteret.dk/infra/cost"
	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/granting"
	"dagtilbudsregisteret.dk/shared/metrics"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
	"dagtilbudsregisteret.dk/shared/rest"
	"dagtilbudsregisteret.dk/shared/services"
	"dagtilbudsregisteret.dk/shared/sqsqueue"
	"dagtilbudsregisteret.dk/shared/sqsqueue/sqstest"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// site is a register of 98 municipalities on DynamoDB, whose calls, lines and answers are measured. København has 50 rows, each other
// municipality two.
type site struct {
	*testing.T
	*services.Services
	http.Handler
	client   *dynamodb.Client
	store    *dynamostore.Store
	meter    *dynamotest.Meter
	sqs      *sqstest.Server
	requests atomic.Int64 // to SQS
	message  atomic.Int64 // the length of the last one sent
	log      bytes.Buffer
	series   map[string]bool // the metrics that were measured, with their dimensions
	secret   string          // of the operator
	now      time.Time
	found    []cost.Figure
}

const (
	tableName  = "dagtilbud"
	kobenhavn  = 101
	kommuner   = 98
	rowsOfList = 50
)

func newSite(t *testing.T) *site {
	s := &site{T: t, meter: dynamotest.NewMeter(t), series: make(map[string]bool), sqs: sqstest.Start(t), now: storetest.Now.Add(time.Hour)}
	server := dynamotest.Start(t)
	s.client = server.Client()
	s.store = dynamostore.New(server.Client(s.meter.Attach), tableName, register.DefaultSeries)
	s.must(s.store.CreateTable(t.Context()))
	dynamotest.WithoutStream(t, s.client, tableName)
	now := func() time.Time { return s.now }
	log := slog.New(slog.NewJSONHandler(&s.log, &slog.HandlerOptions{ReplaceAttr: atOnce}))
	s.Services = services.New(services.Config{
		Store: s.store, Tables: codes.Embedded(), Now: now, Chunk: dynamostore.Chunk, Settle: dynamostore.Settle, Series: register.DefaultSeries,
		Log: log, Queue: sqsqueue.New(s.sqs.Client(s.countRequests)),
		Meter: &metrics.Meter{Stage: "preprod", Function: "validation", Log: log, Now: now},
	})
	api := rest.New(s.Services, rest.Limits{})
	s.Handler = api.Handler(api.Import(), api.Export(), api.Validation())
	s.populate()
	return s
}

// atOnce has all lines be of one moment, for the digits of a second that end in zeros are left out.
func atOnce(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		a.Value = slog.TimeValue(storetest.Now.Add(123456789))
	}
	return a
}

func (s *site) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *site) countRequests(o *sqs.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("count", func(ctx context.Context, in middleware.InitializeInput,
			next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			s.requests.Add(1)
			switch in := in.Parameters.(type) {
			case *sqs.SendMessageInput:
				s.message.Store(int64(len(*in.MessageBody)))
			case *sqs.SendMessageBatchInput:
				s.message.Store(int64(len(*in.Entries[0].MessageBody)))
			}
			return next.HandleInitialize(ctx, in)
		}), middleware.After)
	})
}

func (s *site) populate() {
	secret, kept := access.NewSecret(s.now, time.Time{})
	s.secret = secret
	drift := access.User{Navn: "drift", Rolle: access.Drift, Forbindelse: access.Laese | access.Levere, Secrets: []access.Secret{kept},
		Oprettet: s.now, Version: 1}
	s.must(s.store.SaveUser(s.Context(), drift, access.NewEntry(s.now, access.Entry{Handling: granting.Opret, Bruger: drift.Navn})))
	next := 10000
	number := func() register.Number {
		next++
		return register.Number(fmt.Sprintf("Q%05d", next))
	}
	for kommune := range kommuner {
		d := storetest.Daginstitution(kobenhavn+kommune, number())
		units := []register.Unit{d, storetest.Anvisningsenhed(d, number())}
		for kommune == 0 && len(units) < rowsOfList {
			units = append(units, storetest.Anvisningsenhed(d, number()))
		}
		for some := range slices.Chunk(units, dynamostore.Chunk) {
			storetest.Create(s.T, s.store, some...)
		}
	}
	s.must(s.store.Order(s.Context()))
}

// call makes a request as the operator, and gives the answer.
func (s *site) call(status int, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	s.Helper()
	s.now = s.now.Add(time.Second)
	r := httptest.NewRequestWithContext(s.Context(), method, path, strings.NewReader(body))
	r.SetBasicAuth("drift", s.secret)
	r.Header.Set("X-Request-Id", "8d3c1f0e-6a52-4b7e-9c1d-2f7a9b3e5d60")
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	s.meter.Take()
	s.log.Reset()
	s.ServeHTTP(w, r)
	s.noteSeries()
	if w.Code != status {
		s.Fatalf("%s %s is answered %d: %s", method, path, w.Code, w.Body)
	}
	return w
}

// note keeps a figure.
func (s *site) note(id string, value float64, unit, what, why string) {
	s.found = append(s.found, cost.Figure{ID: id, Value: value, Unit: unit, What: what, Why: why})
}

// measure measures all that measured.csv has.
func measure(t *testing.T) []cost.Figure {
	s := newSite(t)
	s.writes()
	s.reads()
	s.schedules()
	s.items()
	one := cost.Deployment{Memory: map[string]float64{"validation": 1}}
	if want := one.Series(3); float64(len(s.series)) != want {
		t.Errorf("with one function and three subscribers %v metrics are paid for, and measured are %v", want, slices.Sorted(maps.Keys(s.series)))
	}
	return s.found
}

const enhed = `{"daginstitutionsNummer":"Q10001","enhedsNavn":"Børnehuset Egernet på Bakken","instType3":6012,"email":"post@egernet.example",
	"telefonNummer":"+45 12 34 56 78","cvrNummer":"10150817","pNummer":"1012345678","adresse":{"vejNavn":"Abildgårdsvej","husNummer":"7b",
	"postNummer":"2300","byNavn":"København S","kommuneKode":101,"dawaId":"0a3f50a0-0000-4000-8000-0123456789ab","geoBredde":55.64152,
	"geoLaengde":12.0803}}`

// writes creates a unit twice, is refused, and changes a unit, which is then the last in the log.
func (s *site) writes() {
	s.call(201, "POST", "/v2/anvisningsenheder", enhed) // the first of a process, which reads more
	created := s.call(201, "POST", "/v2/anvisningsenheder", strings.Replace(enhed, "Egernet", "Musvitten", 1))
	without := s.meter.Take().Write
	s.note("line", s.longest("request"), "bytes", "a function's line about a call", "that of a write, by whoever has logged in")
	s.note("answer-write", float64(created.Body.Len()), "bytes", "an answer to a write", "the new row, and warnings")
	const key = "Idempotency-Key: 8d3c1f0e-6a52-4b7e-9c1d-2f7a9b3e5d60"
	s.call(201, "POST", "/v2/anvisningsenheder", strings.Replace(enhed, "Egernet", "Solsorten", 1), key)
	s.note("key-write", s.meter.Take().Write-without, "write units", "an Idempotency-Key", "a create with one, and one without")
	s.call(422, "POST", "/v2/anvisningsenheder", strings.Replace(strings.Replace(enhed, "6012", "6013", 1), "2300", "23000", 1))
	s.note("refused-write", s.meter.Take().Write, "write units", "a write that is refused", "for two reasons, kept in the trail")
	verdict := s.call(200, "POST", "/v2/validering", `{"op":"opret","type":"anvisningsenhed","data":`+enhed+`}`)
	s.note("answer-validation", float64(verdict.Body.Len()), "bytes", "an answer to a question", "of a create that is lawful")
	var row struct{ EnhedsNummer string }
	s.must(json.Unmarshal(created.Body.Bytes(), &row))
	s.call(200, "PUT", "/v2/anvisningsenheder/"+row.EnhedsNummer, strings.Replace(enhed, "Egernet", "Musvågen", 1), `If-Match: "1"`)
}

// longest is the length of the longest of the lines that were logged with a message.
func (s *site) longest(message string) (length float64) {
	s.Helper()
	for line := range bytes.Lines(s.log.Bytes()) {
		if bytes.Contains(line, []byte(`"msg":"`+message+`"`)) {
			length = max(length, float64(len(line)))
		}
	}
	if length == 0 {
		s.Fatalf("there is no line %s in %s", message, s.log.Bytes())
	}
	return length
}

func (s *site) reads() {
	s.must(s.store.Order(s.Context()))
	s.now = s.now.Add(2 * dynamostore.Settle)
	s.note("answer-look-up", float64(s.call(200, "GET", "/v2/dagtilbud/Q10052", "").Body.Len()), "bytes", "an answer to a look-up",
		"a daginstitution and its anvisningsenhed")
	s.note("answer-list", float64(s.call(200, "GET", "/v2/dagtilbud?admKommuneKode=101&limit=50", "").Body.Len()), "bytes",
		"an answer to a list", "50 rows of a municipality, as JSON")
	file := s.call(200, "GET", "/v2/eksport/samlet.csv", "").Body
	rows := bytes.Count(file.Bytes(), []byte("\n")) - 1
	if rows < 2*kommuner {
		s.Errorf("the whole file has %d rows", rows)
	}
	s.note("file-row", round(float64(file.Len())/float64(rows)), "bytes", "a row in a whole file", "CSV, not gzipped")
	end := s.call(200, "GET", "/v2/haendelser?efter=0&limit=1", "").Header().Get("Haendelser-Efter")
	for end != "" { // to the end of the feed
		w := s.call(200, "GET", "/v2/haendelser?limit=500&efter="+end, "")
		if w.Header().Get("Haendelser-Efter") == end {
			break
		}
		end = w.Header().Get("Haendelser-Efter")
	}
	poll := s.call(200, "GET", "/v2/haendelser?efter="+end, "")
	s.note("poll-read", s.meter.Take().Read, "read units", "a look into the feed", "at its end, and each second of a wait there")
	s.note("answer-poll", float64(poll.Body.Len()), "bytes", "an answer to that", "no event")
}

// schedules runs what schedules do, with one subscriber and with three.
func (s *site) schedules() {
	s.subscribe("pladsanvisning-1")
	s.sweep()
	s.note("sweep-read-1", s.meter.Take().Read, "read units", "a sweep, with one subscriber", "that finds nothing, and measures")
	s.note("look-requests", float64(s.requests.Load()), "requests", "the same, to SQS", "how many messages wait, and how many are put aside")
	s.note("line-subscriber", s.longest("subscriber"), "bytes", "a sweep's line about a subscriber", "of its three metrics")
	s.subscribe("pladsanvisning-2")
	s.subscribe("pladsanvisning-3")
	s.sweep()
	s.note("sweep-read-3", s.meter.Take().Read, "read units", "a sweep, with three subscribers", "likewise")
	s.take(s.Recheck)
	taken := s.meter.Take()
	s.note("re-check-read", taken.Read, "read units", "a re-check", "in 98 municipalities, of few rows: the whole file's are added")
	s.note("re-check-write", taken.Write, "write units", "the same", "a report for each municipality, all of them new")
	s.note("line-register", s.longest("register"), "bytes", "a schedule's line about the register", "of its one metric")
	s.take(s.WatchNumbers)
	s.note("numbers-read", s.meter.Take().Read, "read units", "a look at how many numbers are left", "the series")
	s.take(s.WatchVendors)
	s.note("vendors-read", s.meter.Take().Read, "read units", "a look at which vendors are silent", "120 days, half a unit each")
	s.call(200, "PUT", "/v2/anvisningsenheder/Q10002", enhed, `If-Match: "1"`)
	s.take(s.Relaying.Sweep)
	s.note("event", float64(s.message.Load()), "bytes", "a message to a subscriber", "of a change, with the row before and after")
}

func (s *site) subscribe(navn string) {
	s.Helper()
	queue, _ := s.sqs.QueueWithDeadLetters(navn+".fifo", 5)
	sub := relaying.Subscriber{Navn: navn, Koe: queue.Name}
	_, findings, err := s.Relaying.Create(s.Context(), register.Actor{User: "drift"}, sub, relaying.Start{})
	if s.must(err); len(findings) > 0 {
		s.Fatal(findings)
	}
}

// sweep does what the relay's schedule does, twice: the first time asks for the queues' URLs besides.
func (s *site) sweep() {
	for range 2 {
		s.requests.Store(0)
		s.take(func(ctx context.Context) error {
			return cmp.Or(s.Relaying.Sweep(ctx), s.WatchSubscribers(ctx))
		})
	}
}

// take does something, and has the meter stand at what it takes.
func (s *site) take(do func(context.Context) error) {
	s.Helper()
	s.log.Reset()
	s.meter.Take()
	s.must(do(s.Context()))
	s.noteSeries()
}

// noteSeries notes the metrics in the log.
func (s *site) noteSeries() {
	s.Helper()
	for line := range bytes.Lines(s.log.Bytes()) {
		var members map[string]any
		var envelope struct {
			AWS struct {
				CloudWatchMetrics []struct {
					Dimensions [][]string
					Metrics    []metrics.Metric
				}
			} `json:"_aws"`
		}
		s.must(json.Unmarshal(line, &members))
		s.must(json.Unmarshal(line, &envelope))
		for _, d := range envelope.AWS.CloudWatchMetrics {
			for _, m := range d.Metrics {
				for _, names := range d.Dimensions {
					s.series[fmt.Sprint(m.Name, " ", names, " ", members[names[len(names)-1]])] = true
				}
			}
		}
	}
}

// items measures what is in the table, kind by kind.
func (s *site) items() {
	average := func(partition string) float64 {
		total, n := 0, 0
		for _, item := range s.scan(partition) {
			total, n = total+dynamotest.Size(item), n+1
		}
		if n == 0 {
			s.Fatalf("there is nothing of %s", partition)
		}
		return round(float64(total) / float64(n))
	}
	s.note("row", average("K#101"), "bytes", "a row", "the average in a municipality with few daginstitutioner")
	s.note("ledger", average("N#"), "bytes", "a number's entry in the ledger", "the average")
	s.note("head", average("P"), "bytes", "a municipality's head", "the average")
	log := s.scan("L#101")
	s.note("change", float64(dynamotest.Size(log[len(log)-1])), "bytes", "a change in the log", "of a row, before and after")
	s.note("create", float64(dynamotest.Size(log[len(log)-3])), "bytes", "a new row in the log", "by a call")
	s.note("stretch", average("G#"), "bytes", "a stretch of the order, which is kept twice", "the average")
	s.note("receipt", average("I#"), "bytes", "the receipt of a key", "of a create")
	s.note("entry", average("T#"), "bytes", "an entry of the trail", "the average")
	s.note("findings", average("F#"), "bytes", "an entry's findings", "two of them")
}

// scan gives the items whose partition keys begin so, or are so, in their order.
func (s *site) scan(partition string) (found []dynamotest.Item) {
	s.Helper()
	text := func(item dynamotest.Item, name string) string { return item[name].(*types.AttributeValueMemberS).Value }
	pages := dynamodb.NewScanPaginator(s.client, &dynamodb.ScanInput{TableName: aws.String(tableName)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.Context())
		s.must(err)
		for _, item := range page.Items {
			if pk := text(item, "PK"); pk == partition || strings.HasSuffix(partition, "#") && strings.HasPrefix(pk, partition) {
				found = append(found, item)
			}
		}
	}
	slices.SortFunc(found, func(a, b dynamotest.Item) int { return strings.Compare(text(a, "SK"), text(b, "SK")) })
	return found
}

func round(n float64) float64 { return float64(int(n + 0.5)) }

// write writes figures as measured.csv has them.
func write(t *testing.T, path string, all []cost.Figure) {
	t.Helper()
	var text bytes.Buffer
	file := csv.NewWriter(&text)
	file.Comma = ';'
	file.Write([]string{"id", "value", "unit", "what", "why"})
	for _, f := range all {
		file.Write([]string{f.ID, strconv.FormatFloat(f.Value, 'f', -1, 64), f.Unit, f.What, f.Why})
	}
	file.Flush()
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
