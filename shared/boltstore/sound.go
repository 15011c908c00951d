package boltstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// ErrDamaged is the error of [Open] for a file that is no longer as it was written.
var ErrDamaged = errors.New("is damaged: restore a backup")

// sound looks whether a file's pages fit together, if there is a file. bbolt takes them at their word, and panics, or reads where nothing is, at
// one that does not hold; some of that in a goroutine of its own, where nobody can recover. Every page that is in use is read once.
func sound(path string) error {
	about, err := os.Stat(path)
	if err != nil || about.Size() == 0 {
		return nil // it is made when it is opened, or that says why not
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	// To have it open keeps others from writing. What bbolt says of its first two pages is said better below.
	db, openErr := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, ReadOnly: true})
	if errors.Is(openErr, bolterrors.ErrTimeout) {
		return openErr
	}
	err = pagesOf(file)
	if err == nil {
		err = openErr
	}
	if err == nil {
		err = errors.Join(db.View(bothOrNone), db.Close())
	} else if openErr == nil {
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		return fmt.Errorf("%s %w: %w", path, ErrDamaged, err)
	}
	return nil
}

// bothOrNone wants both buckets to be there, or none, as in a file that was being made.
func bothOrNone(tx *bolt.Tx) error {
	first, _ := tx.Cursor().First()
	if first != nil && (tx.Bucket(registerBucket) == nil || tx.Bucket(navneBucket) == nil) {
		return errors.New("a bucket is missing")
	}
	return nil
}

// The layout of bbolt's pages, in bytes: a header of id, flags, count and overflow, then count elements, whose keys and values lie behind them.
// The first two pages are meta pages: the one of the last transaction whose sum holds says where the root is.
const (
	headerSize   = 16
	elementSize  = 16
	bucketSize   = 16 // the root page of a bucket and its sequence, before the page of one that is kept inline
	metaSize     = 64
	magic        = 0xED0CDAED
	branchPage   = 0x01
	leafPage     = 0x02
	bucketInside = 0x01
	leastPage    = 512
	mostPage     = 64 << 10
)

var native = binary.NativeEndian

// pages are a file's pages.
type pages struct {
	file io.ReaderAt
	size int64
	end  uint64 // the id behind the last page
	seen map[uint64]bool
}

// pagesOf goes through all pages that are in use.
func pagesOf(file io.ReaderAt) error {
	p := &pages{file: file, seen: make(map[uint64]bool)}
	root, err := p.meta()
	if err != nil {
		return err
	}
	_, err = p.tree(root, nil, nil)
	return err
}

// meta finds the root page.
func (p *pages) meta() (root uint64, err error) {
	first := make([]byte, headerSize+metaSize)
	last, found := uint64(0), false
	// The second meta page lies where the page size says, which only a meta page tells: the sizes there are are tried.
	for at := int64(0); at <= mostPage; at = max(2*at, leastPage) {
		if _, err := p.file.ReadAt(first, at); err != nil {
			break
		}
		m := first[headerSize:]
		sum := fnv.New64a()
		sum.Write(m[:56])
		size := int64(native.Uint32(m[8:]))
		if native.Uint32(m) != magic || native.Uint64(m[56:]) != sum.Sum64() || at != 0 && at != size {
			continue
		}
		if txid := native.Uint64(m[48:]); !found || txid > last {
			root, p.end, p.size, last, found = native.Uint64(m[16:]), native.Uint64(m[40:]), size, txid, true
		}
	}
	if !found {
		return 0, errors.New("neither of its first two pages can be read")
	}
	return root, nil
}

// tree goes through a page and those below it, whose keys are to be at least one and below another, and gives the last key.
func (p *pages) tree(id uint64, least, below []byte) (last []byte, err error) {
	if id < 2 || id >= p.end {
		return nil, fmt.Errorf("page %d is none", id)
	}
	header := make([]byte, headerSize)
	if _, err := p.file.ReadAt(header, int64(id)*p.size); err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	overflow := uint64(native.Uint32(header[12:]))
	if native.Uint64(header) != id || id+overflow >= p.end {
		return nil, fmt.Errorf("page %d is not what it says it is", id)
	}
	for i := range overflow + 1 {
		if p.seen[id+i] {
			return nil, fmt.Errorf("page %d is used twice", id+i)
		}
		p.seen[id+i] = true
	}
	page := io.NewSectionReader(p.file, int64(id)*p.size, int64(overflow+1)*p.size)
	text, err := io.ReadAll(page)
	if err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	last, err = p.elements(text, least, below)
	if err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	return last, nil
}

// errElement is for an element that points out of its page, or whose key is not where it belongs.
var errElement = errors.New("an element is not where it belongs")

// elements goes through the elements of a page, and what they lead to.
func (p *pages) elements(page, least, below []byte) (last []byte, err error) {
	flags, count := native.Uint16(page[8:]), int(native.Uint16(page[10:]))
	if flags != branchPage && flags != leafPage || flags == branchPage && count == 0 || headerSize+count*elementSize > len(page) {
		return nil, errors.New("it is no page of data")
	}
	keys, values, ok := split(page, flags, count)
	if !ok {
		return nil, errElement
	}
	for i, key := range keys {
		if i > 0 && bytes.Compare(keys[i-1], key) >= 0 || last != nil && bytes.Compare(last, key) >= 0 ||
			bytes.Compare(key, least) < 0 || below != nil && bytes.Compare(key, below) >= 0 {
			return nil, errElement
		}
		element := page[headerSize+i*elementSize:]
		switch {
		case flags == branchPage:
			next := below
			if i+1 < count {
				next = keys[i+1]
			}
			if last, err = p.tree(native.Uint64(element[8:]), key, next); err != nil {
				return nil, err
			}
			continue
		case native.Uint32(element)&bucketInside != 0:
			if err := p.bucket(values[i]); err != nil {
				return nil, err
			}
		}
		last = key
	}
	return last, nil
}

// split gives the keys of a page's elements, and of a leaf's the values; ok is false where one is not within the page, or a key is empty.
func split(page []byte, flags uint16, count int) (keys, values [][]byte, ok bool) {
	for i := range count {
		start := uint64(headerSize + i*elementSize)
		element := page[start:]
		at, size, more := start+uint64(native.Uint32(element)), uint64(native.Uint32(element[4:])), uint64(0)
		if flags == leafPage {
			at, size, more = start+uint64(native.Uint32(element[4:])), uint64(native.Uint32(element[8:])), uint64(native.Uint32(element[12:]))
		}
		if at < uint64(headerSize+count*elementSize) || size == 0 || at+size+more > uint64(len(page)) {
			return nil, nil, false
		}
		keys, values = append(keys, page[at:at+size]), append(values, page[at+size:at+size+more])
	}
	return keys, values, true
}

// bucket goes through a bucket of its own pages, or of one that is kept inline.
func (p *pages) bucket(value []byte) (err error) {
	switch {
	case len(value) < bucketSize:
		return errElement
	case native.Uint64(value) != 0:
		_, err = p.tree(native.Uint64(value), nil, nil)
	case len(value) < bucketSize+headerSize || native.Uint64(value[bucketSize:]) != 0 || native.Uint16(value[bucketSize+8:]) != leafPage:
		err = errElement
	default:
		_, err = p.elements(value[bucketSize:], nil, nil)
	}
	return err
}
