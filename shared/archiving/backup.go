package archiving

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"

	"dagtilbudsregisteret.dk/shared/register"
)

// Backup writes a backup. Unavailable where it may be taken again at once; what has been written is then none.
func (s *Service) Backup(ctx context.Context, w io.Writer) (Summary, error) {
	zipped := gzip.NewWriter(w)
	out := bufio.NewWriterSize(zipped, 1<<16)
	hash, all := sha256.New(), newSums()
	h, err := s.take(ctx, func(l line) error {
		text, kind, err := l.encode()
		if err != nil {
			return err
		}
		all.add(kind, text)
		hash.Write(text)
		_, err = out.Write(text)
		return err
	})
	if err != nil {
		return Summary{}, err
	}
	e := end{all.counts, all.hex(), hex.EncodeToString(hash.Sum(nil))}
	text, _, err := (&line{End: &e}).encode()
	if err != nil {
		return Summary{}, err
	}
	_, err = out.Write(text)
	return Summary{h, e.Counts, e.SHA256, e.Sums}, errors.Join(err, out.Flush(), zipped.Close())
}

// longest is how long a line may be: more than the largest item that DynamoDB takes, with what JSON makes of it.
const longest = 16 << 20

// Read reads a backup to its end, and each of its lines but the first and the last into do. Malformed where the file is none, or is not whole;
// do has then had lines of it.
func Read(r io.Reader) (Summary, error) { return read(r, func(*line) error { return nil }) }

func read(r io.Reader, do func(*line) error) (sum Summary, err error) {
	zipped, err := gzip.NewReader(bufio.NewReaderSize(r, 1<<16))
	if err != nil {
		return sum, damaged(", or this is no backup: %w", err)
	}
	in := bufio.NewScanner(zipped)
	in.Buffer(make([]byte, 0, 1<<16), longest)
	in.Split(wholeLines)
	hash, all := sha256.New(), newSums()
	var closing *end
	for nr := 1; in.Scan(); nr++ {
		l, err := decodeLine(in.Bytes())
		switch {
		case err != nil:
			return sum, damaged(": line %d: %w", nr, err)
		case closing != nil:
			return sum, damaged(": line %d: it comes after the end", nr)
		case (nr == 1) != (l.Backup != nil):
			return sum, damaged(": line %d: the first line, and no other, says that this is a backup", nr)
		case l.Backup != nil && l.Backup.Format > format:
			return sum, problem(register.Malformed, "the backup is of format %d, and this program knows formats 1 to %d: run a later one", l.Backup.Format, format)
		case l.Backup != nil:
			sum.Header = *l.Backup
		case l.End != nil:
			closing = l.End
			continue
		}
		hash.Write(in.Bytes())
		all.add(kindOf(in.Bytes()), in.Bytes())
		if err := do(&l); err != nil {
			return sum, err
		}
	}
	if err := in.Err(); err != nil {
		return sum, damaged(": it cannot be read to its end: %w", err)
	}
	if closing == nil {
		return sum, damaged(": it has no end")
	}
	sum.Counts, sum.sums, sum.SHA256 = all.counts, all.hex(), hex.EncodeToString(hash.Sum(nil))
	if sum.SHA256 != closing.SHA256 || !maps.Equal(all.counts, closing.Counts) || !maps.Equal(sum.sums, closing.Sums) {
		return sum, damaged(": it is not what its end says it is")
	}
	return sum, nil
}

// damaged is the error for a file that is not as it was written.
func damaged(how string, args ...any) error {
	return problem(register.Malformed, "the backup is damaged"+how, args...)
}

// wholeLines splits into lines with their ends; a last one without is none.
func wholeLines(data []byte, _ bool) (advance int, token []byte, err error) {
	if at := bytes.IndexByte(data, '\n'); at >= 0 {
		return at + 1, data[:at+1], nil
	}
	return 0, nil, nil
}
