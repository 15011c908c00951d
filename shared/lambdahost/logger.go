package lambdahost

import (
	"log/slog"
	"os"
)

// Logger writes lines of JSON to standard output, from where Lambda takes them to CloudWatch Logs.
func Logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(os.Stdout, nil))
}
