package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"dagtilbudsregisteret.dk/infra/runtimeapi"
	"dagtilbudsregisteret.dk/shared/dynamostore"
	"dagtilbudsregisteret.dk/shared/dynamostore/dynamotest"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/storetest"
)

// starts is how many cold starts of each binary are timed, in turn.
const starts = 30

// coldStart measures functions/export from exec to its first call for work, and to its first answer, a look-up on a DynamoDB on
// loopback; beside a Lambda that does nothing.
func coldStart(b *bench) (err error) {
	const name = "cold start"
	if !b.wants(name) {
		return nil
	}
	if err := flag.Set("test.benchtime", "1x"); err != nil {
		return err
	}
	testing.Benchmark(func(tb *testing.B) { err = b.coldStart(tb, name) })
	return err
}

func (b *bench) coldStart(tb *testing.B, name string) error {
	bare, err := buildLambda(tb, "./infra/bench/testdata/bare")
	if err != nil {
		return err
	}
	export, err := buildLambda(tb, "./functions/export")
	if err != nil {
		return err
	}
	peer := dynamotest.Start(tb)
	store := dynamostore.New(peer.Client(), "bench", register.DefaultSeries)
	if err := store.CreateTable(tb.Context()); err != nil {
		return err
	}
	storetest.Create(tb, store, storetest.Daginstitution(265, "G20000"))
	env := []string{"DTR_TABLE=bench", "AWS_REGION=eu-north-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_ENDPOINT_URL_DYNAMODB=" + peer.Endpoint}
	var firstNext, firstAnswer, bareNext, bareAnswer []time.Duration
	for range starts {
		for _, run := range []struct {
			binary       string
			next, answer *[]time.Duration
		}{{bare, &bareNext, &bareAnswer}, {export, &firstNext, &firstAnswer}} {
			next, answer, err := timeStart(tb.Context(), run.binary, env)
			if err != nil {
				return err
			}
			*run.next, *run.answer = append(*run.next, next), append(*run.answer, answer)
		}
	}
	b.print(name+", exec to first next", median(firstNext), "bare Lambda", median(bareNext))
	b.print(name+", exec to first answer", median(firstAnswer), "bare Lambda", median(bareAnswer))
	return nil
}

// buildLambda builds a binary as the template's build does, for this machine.
func buildLambda(tb testing.TB, pkg string) (string, error) {
	binary := filepath.Join(tb.TempDir(), "bootstrap")
	build := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", binary, pkg)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return binary, nil
}

const lookUp = `{"version":"2.0","routeKey":"$default","rawPath":"/v2/daginstitutioner/G20000","rawQueryString":"","headers":{},
"requestContext":{"http":{"method":"GET","path":"/v2/daginstitutioner/G20000","sourceIp":"127.0.0.1"},"requestId":"bench"},"isBase64Encoded":false}`

func timeStart(ctx context.Context, binary string, env []string) (next, answer time.Duration, err error) {
	began := time.Now()
	function, err := runtimeapi.Start(ctx, binary, env)
	if err != nil {
		return 0, 0, err
	}
	defer function.Close()
	if _, err := function.Invoke(ctx, []byte(lookUp)); err != nil {
		return 0, 0, err
	}
	return function.FirstNext(), time.Since(began), nil
}

func median(all []time.Duration) figure {
	slices.Sort(all)
	return figure{perOp: all[len(all)/2]}
}
