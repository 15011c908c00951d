// Package dynamostore keeps the register in one DynamoDB table: the [register.Store] of the cloud, where many processes write at once.
//
// # Layout
//
// The keys are those of shared/keys. An item's attributes are spelled as in the data model and mapped by hand; what is zero or
// empty is left out. Every item has v, the number of this layout.
//
//	item                    attributes
//	a unit's row            navn, ejerformKode … pNummer, aktivitetsstatus, version, senestOpdateret; nr, the position of its latest
//	                        change. Municipality, level and numbers are the key's. Coordinates are text, for exactness
//	a ledger entry          admKommuneKode and sti: the key of the number's row
//	a change                the row after it, with its admKommuneKode and sti; foer: those attributes that the row before it had
//	                        otherwise (NULL: had not); art, aarsag, importId, user, serviceVersion, requestId, traceparent, tid; tx
//	a head, the series      nr: the latest position; the next ordinal
//	a receipt               hash, kommune and nr (its position), nummer, created, warnings; tx
//	a reservation (twice)   key, first, count, expires, user
//	a report                tid, kommune and nr (its position), units, findings
//
// # Writing
//
// An update opens a view of each municipality it looks at: it notes where the log stands and reads consistently from then on. What
// it asks for goes into one TransactWriteItems, on condition that the heads of those logs have not moved, whether it writes there
// or only read. So nothing that was read in a municipality has changed, no row can have appeared unseen, and updates are
// serializable. Whoever is overtaken reads anew, after a pause of random length; within a process, updates of one municipality queue up
// first.
//
// DynamoDB shows the items of a transaction one by one to plain reads. A view therefore knows the latest changes by the log and does
// not take a row that is older than they say; the reader of a log stops before a hole.
//
// Each transaction has a token, which is also the attribute tx of what it writes. When an answer is lost, the log tells whether the
// transaction took effect, and if it did not, it is sent again under the same token.
//
// Numbers come from the series by an atomic update, and stay with an update through all its runs. The condition on the ledger
// entry keeps a number from being given twice even if the series were wrong.
//
// # What it costs
//
// In DynamoDB's units; a row weighs some 400 bytes, and a change some 800. TestCosts holds these.
//
//	operation                                 write   read
//	create                                        9      4   parent, log, namesakes, number; rows, ledger, change, head
//	update, close                                 6      3
//	move with k alternative addresses     10 + 8 k      6
//	a receipt with any of these                 + 2    + 1
//	look-up by number                                    1   an unknown one 1.5: that it is missing is read consistently
//	a daginstitution's tree                              1   one half for each 4 KB after the first
//	a municipality of 50 units                         2.5
//	all 5,000 units                                    249   one half for each 4 KB, rounded up for each municipality
//
// Looking for a namesake reads a municipality's rows once in the life of a process (5 units for 50 rows) and then only what the
// log has brought since.
//
// # Limits
//
// A transaction takes 100 items: a creation needs 3, a change 2, a row that moves 4, each municipality and each receipt 1; what was
// looked for and not found takes 1, for it must still be missing. Reads outside of updates are eventually consistent: rows may be
// older, by moments, than the Positions read before them.
package dynamostore
