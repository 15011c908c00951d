package boltstore

import (
	"bytes"
	"fmt"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// nameKey is where the index begins for a name: the paths of its active units follow.
func nameKey(kommune int, level register.Level, navn string) []byte {
	return fmt.Appendf(nil, "%04d%d%s\x00", kommune, level, register.NameKey(navn))
}

func indexKey(u *register.Unit) []byte {
	return append(nameKey(u.AdmKommuneKode, u.Level, u.Navn), u.Path()...)
}

func (t *tx) Namesakes(kommune int, level register.Level, navn string) ([]register.Unit, error) {
	var units []register.Unit
	prefix := nameKey(kommune, level, navn)
	c := t.navne.Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		u, err := decodeUnit(t.get(keys.Key{PK: keys.Kommune(kommune), SK: string(k[len(prefix):])}))
		if err != nil {
			return nil, err
		}
		units = append(units, u)
	}
	return units, nil
}
