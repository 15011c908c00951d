package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dagtilbudsregisteret.dk/infra/eventsource"
	"dagtilbudsregisteret.dk/infra/gateway"
	"dagtilbudsregisteret.dk/infra/runtimeapi"
	"dagtilbudsregisteret.dk/infra/template"
)

// deployment is the functions of the template, and what wakes them.
type deployment struct {
	config    config
	cloud     *cloud
	functions map[string]*runtimeapi.Pool
	gateway   *gateway.Gateway
	stream    *eventsource.Stream
	schedules []*schedule
	output    *output
	log       *slog.Logger
}

// What a function has on one machine: fewer processes than Lambda would start, and for as long as Lambda would keep them.
const (
	mostProcesses = 8
	idle          = 10 * time.Minute
)

// deploy starts the functions, and begins to read the stream.
func deploy(ctx context.Context, c config, cloud *cloud, out *output, log *slog.Logger) (*deployment, error) {
	d := &deployment{config: c, cloud: cloud, functions: make(map[string]*runtimeapi.Pool), output: out, log: log}
	tpl, err := template.Read(c.template)
	if err != nil {
		return nil, err
	}
	functions, err := tpl.Functions()
	if err != nil {
		return nil, err
	}
	routes := make(map[string]gateway.Function)
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		if err := d.add(ctx, name, functions[name], d.environment(tpl), routes); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", name, err), d.close())
		}
	}
	d.gateway, err = gateway.New(routes)
	if d.stream == nil {
		err = errors.Join(err, errors.New("no function of the template reads the stream"))
	}
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// environment is what every function is told: what the template says, where the program was told otherwise that, and what Lambda sets.
func (d *deployment) environment(tpl *template.Template) []string {
	all := tpl.Environment(map[string]string{"Table": table, "Stage": stage})
	for name := range all {
		if told := d.config.getenv(name); told != "" && strings.HasPrefix(name, "DTR_") && name != "DTR_TABLE" && name != "DTR_STAGE" {
			all[name] = told
		}
	}
	maps.Copy(all, map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": d.cloud.dynamoDB.Endpoint, "AWS_ENDPOINT_URL_SQS": d.cloud.sqs.Endpoint,
		"AWS_REGION": region, "AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": accessKey, "TZ": ":UTC",
	})
	var env []string
	for name, value := range all {
		env = append(env, name+"="+value)
	}
	return env
}

// add starts a function, and notes what leads to it.
func (d *deployment) add(ctx context.Context, name string, f template.Function, env []string, routes map[string]gateway.Function) error {
	pool, err := runtimeapi.NewPool(ctx, runtimeapi.Program{
		Binary: filepath.Join(d.config.build, name, "bootstrap"), Env: env, Output: d.output.lines,
		Time: time.Duration(f.Timeout) * time.Second, Most: mostProcesses, Idle: idle,
		Died: func(how string) { d.log.WarnContext(ctx, "a function's process died", "function", name, "how", how) },
	})
	if err != nil {
		return err
	}
	d.functions[name] = pool
	for _, route := range f.Routes() {
		routes[route] = pool
	}
	for id, e := range f.Events {
		switch e.Type {
		case "HttpApi":
		case "Schedule":
			at, err := eventsource.ParseSchedule(e.Properties.Schedule)
			if err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
			d.schedules = append(d.schedules, &schedule{id, at, pool, d.log})
		case "DynamoDB":
			d.stream = &eventsource.Stream{
				Source: e.Properties.Source, Client: d.cloud.streams, ARN: d.cloud.stream, Function: pool, GiveUp: d.cloud.giveUp, Log: d.log,
			}
			if err := d.stream.Open(ctx); err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
		default:
			return fmt.Errorf("%s: nothing here stands in for an event of type %s", id, e.Type)
		}
	}
	return nil
}

func (d *deployment) close() error {
	var problems []error
	for _, f := range d.functions {
		problems = append(problems, f.Close())
	}
	return errors.Join(problems...)
}

// schedule runs a function at its times.
type schedule struct {
	id       string
	at       eventsource.Schedule
	function *runtimeapi.Pool
	log      *slog.Logger
}

// run runs it until the context ends. A run that fails is not repeated, other than by the next.
func (s *schedule) run(ctx context.Context) {
	for {
		next := s.at.Next(time.Now())
		if next.IsZero() {
			return
		}
		wait := time.NewTimer(time.Until(next))
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
		if _, err := s.function.Invoke(ctx, eventsource.Scheduled(s.id, next)); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "a scheduled run failed", "schedule", s.id, "error", err)
		}
	}
}
