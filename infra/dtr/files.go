package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// The permissions of a file of open data, and of one that is nobody else's business.
const (
	readable fs.FileMode = 0o644
	private  fs.FileMode = 0o600
)

// replaceFile writes a file beside the one of that name, and puts it in its place once it is whole and on disk.
func replaceFile(path string, mode fs.FileMode, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // there is none of that name once it is in its place
	err = write(file)
	if err == nil {
		err = errors.Join(file.Chmod(mode), file.Sync())
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
