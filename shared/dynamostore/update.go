package dynamostore

import (
	"context"
	"errors"

	"dagtilbudsregisteret.dk/shared/keys"
	"dagtilbudsregisteret.dk/shared/register"
)

// update is one call of Update, over all runs of its fn.
type update struct {
	*reader
	numbers []register.Number // taken from the series, whichever run took them
	stuck   int               // how many runs were given what is not so
	turn    chan struct{}     // the municipality's queue, once this update has its turn in it
}

// Update implements [register.Store].
func (s *Store) Update(ctx context.Context, fn func(register.Tx) error) error {
	u := &update{reader: s.reader(ctx, true)}
	defer u.leave()
	var done bool
	var err error
	for try := range s.rerun.tries {
		if paused := s.rerun.pause(ctx, try); paused != nil {
			return failed("update", errors.Join(paused, err))
		}
		if done, err = u.run(fn); done {
			break
		}
	}
	return err
}

// enter waits for this update's turn in the first municipality that it looks at. It saves the writers of one process from getting in
// each other's way; what keeps them apart is the condition on the head, so an update queues once only and never waits in a circle.
func (u *update) enter(kommune int) error {
	if u.turn != nil {
		return nil
	}
	q, _ := u.queues.LoadOrStore(kommune, make(chan struct{}, 1))
	select {
	case q.(chan struct{}) <- struct{}{}:
		u.turn = q.(chan struct{})
		return nil
	case <-u.ctx.Done():
		return failed("wait for a turn", u.ctx.Err())
	}
}

func (u *update) leave() {
	if u.turn != nil {
		<-u.turn
	}
}

var errMoved = errors.New("dynamostore: others wrote while the update read")

// run runs fn once, and writes what it asked for. done is false where another run may come further than err.
func (u *update) run(fn func(register.Tx) error) (done bool, err error) {
	t := u.begin()
	err = fn(t)
	if t.torn != nil {
		return false, t.torn
	}
	if err != nil || !t.writes() {
		// What fn concludes is only worth something if all it read was there at one moment.
		if moved, unread := t.moved(); moved && unread == nil {
			return false, conflict(errMoved)
		}
		return true, err
	}
	p, err := t.plan()
	if err != nil {
		return true, err
	}
	return t.commit(p)
}

// moved tells whether others have written in a municipality since the run looked at it.
func (t *tx) moved() (bool, error) {
	for _, v := range t.views {
		it, err := t.get(keys.Head(v.kommune))
		if err != nil {
			return false, err
		}
		if nr, err := decodeNr(it); err != nil || nr != v.was.Nr {
			return true, err
		}
	}
	return false, nil
}
