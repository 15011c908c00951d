// Package dynamostore keeps the register in one DynamoDB table: the [register.Store], the [access.Store] and the [relaying.Store] of the
// cloud, where many processes write at once.
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
//	                        tid; tx; senest: the tid of the latest change in its log by then, where that was not itself
//	a head                  nr, the latest position; tid, when the latest change was made, in milliseconds since 1970
//	a stretch (twice)       sequence, the place of its first change; kommune and nr, the position of that; count
//	the order's head        nr, the last place; logs, how far each log has places, as positions are written
//	the series              nr, the next ordinal
//	a receipt               hash, kommune and nr (its position), nummer, created, answer (warnings before); tx
//	a reservation (twice)   key, first, count, expires, user
//	a report                tid, kommune and nr (its position), units, findings
//	a system user           beskrivelse, rolle, forbindelse (1: laese, 2: levere, 3: both), cvrNummer, skrivninger, laesninger, lukket,
//	                        oprettet, version; secrets, a list of maps: id, hash, oprettet, udloeber; grants, one of: id, kommune, nummer,
//	                        niveauer, ejerformer, fra, til, givet, givetAf, tilbagekaldt, tilbagekaldtAf. The name is the key's
//	a secret's latest use   tid
//	a subscriber            koe, kommuner, niveauer, arter, pauset, runde, fra (as positions are written), lukket, oprettet, version.
//	                        The name is the key's
//	a subscriber's mark     nr
//	an entry of the trail   user … traceparent as of a change; handling, niveau, nummer, kommune, linje, importId, bruger, afvist,
//	                        regler; tx where a user or a subscriber was saved with it. Its moment and id are the key's
//	an entry's findings     fund; udloeber, the second since 1970 from which on the table may remove them (its time to live)
//	a restore's mark        from, begun, done
//	a user's calls          a number for each method, under the method's name; tid, when the latest was, in milliseconds since 1970.
//	                        The name is the key's
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
// A user or a subscriber is saved in one transaction with the entry of the act, on condition that its version is the one before. The
// entry is what tells whether it took effect. Other entries are put in batches, without a condition: their ids are random, so nobody
// else writes there, and to put one again changes nothing. No code updates or deletes an entry; its findings the table removes by
// their time to live, and they are not shown for longer than they are kept, whenever it gets round to that.
//
// A call is counted by adding to a number, which DynamoDB does for one after the other. What adds is sent again only where it is known
// to have had no effect, so nothing is counted twice. A call that comes behind a later one takes two writes, of which the first is refused
// for the later one's moment.
//
// # The order of the whole register
//
// Writers share no item but their municipality's head: an item that counted the whole register's changes would let one of them write
// at a time. So changes get their places after the fact, from whoever calls Order, in rounds. A round reads how far the order has
// come and the heads of all logs, and gives to each log that has come further the next stretch of places, by municipality code. It is
// one transaction, on condition that the order's head has not moved; up to 49 stretches of two items go into it. Who is overtaken,
// or not answered, reads anew: the order's head tells what was done.
//
// A head can be seen before its change is. So a change may have a place and not be visible yet; the reader of the order waits for it.
// A round's own items show one by one too; the reader stops before a stretch that it cannot see, as if it were not there yet.
//
// Who awaits a change asks for the order's head and the logs' heads about once a second: that nobody has put it in order yet does not
// matter.
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
//	a whole file of them, as they stand at a place     257   these, the order 3, and the heads 1 for each 1,000 units
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
//	count a call                                  1          for each KB of the user's day: some 25 methods
//	read a day's calls                                 0.5   for each 4 KB
//	a log read backwards                                 1   for each 4 KB: 4 changes first, and then four times as many each time
//
// TestOrderCosts holds these, where the order's head is less than 1 KB: those of 98 municipalities may take 2.
//
//	a round with r stretches                2 + 4 r      2   the order's head: 2 for each KB; all heads: 98 are less than 4 KB
//	a check that finds nothing new                       2   whether to order, or by who awaits
//	the order read from a place on                       1   if nothing is after it, else 1 more, and each stretch's changes: 1 for each 4 KB
//	a log read forwards                                  2   its changes as backwards; 1 for their places, and 1 where others follow
//
// TestSubscriberCosts holds these.
//
//	save a subscriber                             4          as a user
//	look a subscriber up, or its marks                   1   for each 4 KB
//	list subscribers                                   0.5   for each 4 KB
//	mark                                          1
//
// # Limits
//
// A transaction takes 100 items: a creation needs 3, a change 2, a row that moves 4, each municipality and each receipt 1; what was
// looked for and not found takes 1, for it must still be missing. Reads outside of updates are eventually consistent, but for those of
// the ledger, of heads, logs and their order, of one user or subscriber and of marks: rows may be older, by moments, than the Positions
// read before them.
package dynamostore
