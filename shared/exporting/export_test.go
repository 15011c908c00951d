package exporting

// LookEvery has a service look at the log after so many rows.
func LookEvery(s *Service, rows int) { s.handful = rows }

// The bounds that tests come to.
const (
	MostPassed = mostPassed
	Looks      = looks
)
