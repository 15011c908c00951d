package services

import (
	"context"
	"log/slog"

	"dagtilbudsregisteret.dk/shared/metrics"
)

// Recheck goes through what is stored, and measures what of it is unlawful.
func (s *Services) Recheck(ctx context.Context) error {
	unlawful, err := s.Rechecking.Run(ctx)
	if err == nil {
		s.Meter.Register(ctx, metrics.Of(metrics.UnlawfulRows, unlawful))
	}
	return err
}

// WatchNumbers measures how many numbers are left.
func (s *Services) WatchNumbers(ctx context.Context) error {
	left, err := s.Numbering.Left(ctx)
	if err == nil {
		s.Meter.Register(ctx, metrics.Of(metrics.NumbersLeft, left))
	}
	return err
}

// WatchVendors measures how many vendors are silent, and says which.
func (s *Services) WatchVendors(ctx context.Context) error {
	silent, err := s.Granting.Silent(ctx)
	if err == nil {
		s.Meter.Register(ctx, metrics.Of(metrics.SilentVendors, len(silent)), slog.Any("silent", silent))
	}
	return err
}

// WatchSubscribers measures how each subscriber that is to be told now is doing.
func (s *Services) WatchSubscribers(ctx context.Context) error {
	all, err := s.Relaying.Standings(ctx)
	for _, st := range all {
		if st.Pauset || st.Lukket {
			continue
		}
		values := []metrics.Value{
			metrics.Of(metrics.SubscriberLagEvents, st.Haendelser), metrics.Of(metrics.SubscriberLagSeconds, st.Alder.Seconds()),
		}
		if st.Doede >= 0 {
			values = append(values, metrics.Of(metrics.DeadLetters, st.Doede))
		}
		s.Meter.Subscriber(ctx, st.Navn, values...)
	}
	return err
}
