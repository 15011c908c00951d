package dynamostore

// Chunk is how many operations of an import are best written in one update. A created row takes three items of the hundred that a
// transaction may have, and a fourth for its receipt.
const Chunk = 24
