package dynamostore

import "time"

// Settle is how long after a write an eventually consistent read may not show it, with room: DynamoDB says "usually one second or
// less" (developer guide, read consistency).
const Settle = time.Minute
