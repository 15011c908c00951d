// Package boltstore keeps the register in one file on disk, with go.etcd.io/bbolt: the engine of the one-machine program.
//
// # Layout
//
// The bucket "register" holds every item of the layout in package keys, under PK, a zero byte, SK. A value is a format byte and
// the item's fields in a fixed order (codec.go, records.go, and beside what reads and writes it). A change says its place in the whole
// register's order, and the place says the change's position. The bucket "navne" is an index made from the rows: one empty value
// for each active unit under municipality, level, name key and path, for [register.Tx.Namesakes].
//
// # Writing
//
// One goroutine writes. Updates that wait while it syncs the file go into the next commit together, so that many callers share
// one sync and a lone caller never waits for company. Each update still takes effect wholly or not at all: it collects what it
// wants to write, and nothing of it reaches the file unless all of it may. An update is acknowledged after the sync, so
// neither a killed process nor a lost machine takes back what was answered.
//
// The writer gives each change its place in the whole register's order as it writes it, so that the order has nothing to wait for;
// after each commit it wakes those who wait for more. A file from before there was an order gets one when it is opened.
//
// # Reading
//
// Single reads see a snapshot. Ranges are read a piece at a time, so that a slow reader of a whole export holds up neither the
// writer nor the reuse of pages.
package boltstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/records"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/relaying"
)

var (
	registerBucket = []byte("register")
	navneBucket    = []byte("navne")
)

// Store is a [register.Store], an [access.Store], a [relaying.Store] and a [records.Store] in one file. Make it with [Open].
type Store struct {
	db      *bolt.DB
	series  register.Series
	queue   chan *update
	closed  chan struct{}
	commits bell // rung after each
	commit  func(*bolt.Tx) error
}

var (
	_ register.Store = (*Store)(nil)
	_ access.Store   = (*Store)(nil)
	_ relaying.Store = (*Store)(nil)
	_ records.Store  = (*Store)(nil)
)

// Open opens the file, and makes it where there is none; numbers are issued along series. A file that another process holds
// open is an error after a second, and one whose pages do not fit together is an [ErrDamaged].
func Open(path string, series register.Series) (*Store, error) {
	err := sound(path)
	var db *bolt.DB
	if err == nil {
		// Mapping a gigabyte of address space up front spares the writer from waiting for readers each time the file grows.
		db, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, InitialMmapSize: 1 << 30, FreelistType: bolt.FreelistMapType, NoFreelistSync: true})
	}
	if errors.Is(err, ErrDamaged) {
		return nil, err
	}
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("boltstore: another process has %s open", path)
	}
	if err != nil {
		return nil, fmt.Errorf("boltstore: open %s: %w", path, err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		_, first := tx.CreateBucketIfNotExists(registerBucket)
		_, second := tx.CreateBucketIfNotExists(navneBucket)
		return errors.Join(first, second)
	})
	s := &Store{db: db, series: series, queue: make(chan *update), closed: make(chan struct{}), commit: (*bolt.Tx).Commit}
	if err == nil {
		err = s.putInOrder()
	}
	if errors.Is(err, errCorrupt) {
		return nil, errors.Join(fmt.Errorf("%s %w: %w", path, ErrDamaged, err), db.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("boltstore: prepare %s: %w", path, err), db.Close())
	}
	go s.write()
	return s, nil
}

// Close waits for the update under way and closes the file. No method may be called after it.
func (s *Store) Close() error {
	close(s.queue)
	<-s.closed
	return s.db.Close()
}

// view reads within one snapshot.
func (s *Store) view(ctx context.Context, read func(*reader) error) error {
	if err := ctx.Err(); err != nil {
		return givenUp(err)
	}
	return s.db.View(func(tx *bolt.Tx) error { return read(s.reader(tx)) })
}

// givenUp is the error for a caller that did not wait: nothing was written.
func givenUp(err error) error {
	return &register.Error{Kind: register.Unavailable, Cause: fmt.Errorf("boltstore: %w", err)}
}
