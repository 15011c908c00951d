package auditing_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	bolt "go.etcd.io/bbolt"

	"dagtilbudsregisteret.dk/shared/auditing"
	"dagtilbudsregisteret.dk/shared/boltstore"
	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/services"
)

// store is an engine, with its records.
type store interface {
	services.Store
	records.Store
}

// registry is a register that can be damaged.
type registry struct {
	*testing.T
	store
	remove func(k keys.Key) // takes a record away
	spoil  func(k keys.Key) // makes one unreadable
	eager  bool             // a change has its place as it is written
}

// engines runs a test on each engine, which gives it empty registries.
func engines(t *testing.T, test func(t *testing.T, open func(t *testing.T) *registry)) {
	t.Run("bolt", func(t *testing.T) { test(t, onDisk) })
	t.Run("dynamodb", func(t *testing.T) { test(t, dynamoServer(t)) })
}

// onDisk gives a registry in a file. What damages it opens the file while the store is closed.
func onDisk(t *testing.T) *registry {
	path := filepath.Join(t.TempDir(), "register.db")
	r := &registry{T: t, eager: true}
	var open *boltstore.Store
	start := func() {
		var err error
		if open, err = boltstore.Open(path, register.DefaultSeries); err != nil {
			t.Fatal(err)
		}
		r.store = open
	}
	raw := func(do func(items *bolt.Bucket) error) {
		if err := open.Close(); err != nil {
			t.Fatal(err)
		}
		db, err := bolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Update(func(tx *bolt.Tx) error { return do(tx.Bucket([]byte("register"))) }); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		start()
	}
	r.remove = func(k keys.Key) {
		raw(func(items *bolt.Bucket) error { return items.Delete([]byte(k.PK + "\x00" + k.SK)) })
	}
	r.spoil = func(k keys.Key) {
		raw(func(items *bolt.Bucket) error { return items.Put([]byte(k.PK+"\x00"+k.SK), []byte{99}) })
	}
	start()
	t.Cleanup(func() { open.Close() })
	return r
}

// inTable gives a registry in a table of its own.
func inTable(t *testing.T, server *dynamotest.Server, table string) *registry {
	client := server.Client()
	s := dynamostore.New(client, table, register.DefaultSeries)
	if err := s.CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	dynamotest.WithoutStream(t, client, table)
	item := func(k keys.Key) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: k.PK}, "SK": &types.AttributeValueMemberS{Value: k.SK}}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	return &registry{T: t, store: s,
		remove: func(k keys.Key) {
			_, err := client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: item(k)})
			must(err)
		},
		spoil: func(k keys.Key) {
			it := item(k)
			it["v"] = &types.AttributeValueMemberN{Value: "99"}
			_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: it})
			must(err)
		},
	}
}

func (r *registry) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *registry) put(k keys.Key, value any) {
	r.Helper()
	r.must(r.Put(r.Context(), records.Record{Key: k, Value: value}))
}

// kept gives what is kept under a key.
func kept[T any](r *registry, k keys.Key) T {
	r.Helper()
	found, err := r.Get(r.Context(), k)
	r.must(err)
	v, ok := found[0].Value.(T)
	if !ok {
		r.Fatalf("%s is %+v", k, found[0])
	}
	return v
}

func (r *registry) check() (breaches []auditing.Breach, summary auditing.Summary) {
	r.Helper()
	service := auditing.Service{Store: r.store, Series: register.DefaultSeries}
	summary, err := service.Check(r.Context(), func(b auditing.Breach) { breaches = append(breaches, b) })
	r.must(err)
	if len(summary.Unsettled) > 0 || summary.Breaches != int64(len(breaches)) {
		r.Errorf("%d breaches, and the summary is %+v", len(breaches), summary)
	}
	return breaches, summary
}

// want checks that there are these breaches, each as "<rule> <at>", and no others.
func (r *registry) want(want ...string) {
	r.Helper()
	breaches, _ := r.check()
	var got []string
	for _, b := range breaches {
		got = append(got, string(b.Rule)+" "+b.At)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		r.Errorf("got  %q\nwant %q\n%v", got, want, breaches)
	}
}

// dynamoServer gives registries on one DynamoDB.
func dynamoServer(t *testing.T) func(t *testing.T) *registry {
	server := dynamotest.Start(t)
	tables := 0
	return func(t *testing.T) *registry {
		tables++
		return inTable(t, server, fmt.Sprint("Dagtilbud", tables))
	}
}
