package main

import (
	"bytes"
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

// coldStart measures functions from exec to the first call for work, and to the first answer: of a code table, and of a look-up, which
// makes two calls to a DynamoDB on loopback. Beside each stands a Lambda that does nothing.
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
	var binaries []string
	for _, pkg := range []string{"./infra/bench/testdata/bare", "./functions/validation", "./functions/export"} {
		binary, err := buildLambda(tb, pkg)
		if err != nil {
			return err
		}
		binaries = append(binaries, binary)
	}
	peer := dynamotest.Start(tb)
	store := dynamostore.New(peer.Client(), "bench", register.DefaultSeries)
	if err := store.CreateTable(tb.Context()); err != nil {
		return err
	}
	storetest.Create(tb, store, storetest.Daginstitution(265, "G20000"))
	env := []string{"DTR_TABLE=bench", "AWS_REGION=eu-north-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_ENDPOINT_URL_DYNAMODB=" + peer.Endpoint}
	nexts, answers := make([][]time.Duration, len(binaries)), make([][]time.Duration, len(binaries))
	for range starts {
		for i, binary := range binaries {
			path := "/v2/daginstitutioner/G20000"
			if i == 1 {
				path = "/v2/kodetabeller/ejerform"
			}
			next, answer, err := timeStart(tb.Context(), binary, env, path)
			if err != nil {
				return err
			}
			nexts[i], answers[i] = append(nexts[i], next), append(answers[i], answer)
		}
	}
	bareNext, bareAnswer := median(nexts[0]), median(answers[0])
	b.print(name+", exec to first next", median(nexts[2]), "bare Lambda", bareNext)
	b.print(name+", exec to first answer", median(answers[1]), "bare Lambda", bareAnswer)
	b.print(name+", exec to first look-up", median(answers[2]), "bare Lambda", bareAnswer)
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

func timeStart(ctx context.Context, binary string, env []string, path string) (next, answer time.Duration, err error) {
	event := fmt.Sprintf(`{"version":"2.0","routeKey":"$default","rawPath":%q,"rawQueryString":"","headers":{},"requestContext":{"http":
{"method":"GET","path":%[1]q,"sourceIp":"127.0.0.1"},"requestId":"bench"},"isBase64Encoded":false}`, path)
	began := time.Now()
	function, err := runtimeapi.Start(ctx, binary, env)
	if err != nil {
		return 0, 0, err
	}
	defer function.Close()
	response, err := function.Invoke(ctx, []byte(event))
	answer = time.Since(began)
	if err == nil && !bytes.Contains(response, []byte(`"statusCode":200`)) {
		err = fmt.Errorf("%s answered %s", path, response)
	}
	return function.FirstNext(), answer, err
}

func median(all []time.Duration) figure {
	slices.Sort(all)
	return figure{perOp: all[len(all)/2]}
}
