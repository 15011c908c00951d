package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// readable is the permission of a file of open data.
const readable = 0o644

// replaceFile writes a file beside the one of that name, and puts it in its place once it is whole and on disk.
func replaceFile(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // there is none of that name once it is in its place
	err = write(file)
	if err == nil {
		err = errors.Join(file.Chmod(readable), file.Sync())
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
