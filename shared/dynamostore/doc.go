// Package dynamostore keeps the register in one DynamoDB table: the [register.Store] and the [access.Store] of the cloud, where many
// processes write at once.
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
//	                        otherwise (NULL: had not); art, aarsag, importId, user, serviceVersion, address, requestId, traceparent,
//	                        tid; tx
//	a head, the series      nr: the latest position; the next ordinal
//	a receipt               hash, kommune and nr (its position), nummer, created, warnings; tx
//	a reservation (twice)   key, first, count, expires, user
//	a report                tid, kommune and nr (its position), units, findings
//	a system user           beskrivelse, rolle, forbindelse (1: laese, 2: levere, 3: both), cvrNummer, skrivninger, laesninger, lukket,
//	                        oprettet, version; secrets, a list of maps: id, hash, oprettet, udloeber; grants, one of: id, kommune, nummer,
//	                        niveauer, ejerformer, fra, til, givet, givetAf, tilbagekaldt, tilbagekaldtAf. The name is the key's
//	a secret's latest use   tid
//	an entry of the trail   user … traceparent as of a change; handling, niveau, nummer, kommune, linje, importId, bruger, afvist,
//	                        regler; tx where a user was saved with it. Its moment and id are the key's
//	an entry's findings     fund; udloeber, the second since 1970 from which on the table may remove them (its time to live)
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
// not take a row that is older than they say; the reader of a log stops before a hole, and reading it backwards a hole is an error.
//
// Each transaction has a token, which is also the attribute tx of what it writes. When an answer is lost, the log tells whether the
// transaction took effect, and if it did not, it is sent again under the same token.
//
// Numbers come from the series by an atomic update, and stay with an update through all its runs. The condition on the ledger
// entry keeps a number from being given twice even if the series were wrong.
//
// A user is saved in one transaction with the entry of the act, on condition that the user's version is the one before. The entry
// is what tells whether it took effect. Other entries are put in batches, without a condition: their ids are random, so nobody
// else writes there, and to put one again changes nothing. No code updates or deletes an entry; its findings the table removes by
// their time to live, and they are not shown for longer than they are kept, whenever it gets round to that.
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
// TestAccessCosts holds these, of a user and an entry of less than 1 KB each.
//
//	save a user                                   4          user, entry: 2 for each KB; and 2 for each KB of findings
//	look a user up                                       1   consistently, for each 4 KB
//	list users, or uses                                0.5   for each 4 KB
//	note a use                                    1
//	add an entry to the trail                     1          and 1 for each KB of findings
//	read a day of the trail                            0.5   for each 4 KB of entries; the same for those of findings
//	a log read backwards                                 1   for each 4 KB: 4 changes first, and then four times as many each time
//
// # Limits
//
// A transaction takes 100 items: a creation needs 3, a change 2, a row that moves 4, each municipality and each receipt 1; what was
// looked for and not found takes 1, for it must still be missing. Reads outside of updates are eventually consistent, but for those of
// the ledger, of a log backwards and of one user: rows may be older, by moments, than the Positions read before them.
package dynamostore
