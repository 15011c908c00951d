// Runs fauxqs on 127.0.0.1, for its own main program binds to every interface: node --eval <this> -- <port> [<folder>]. A port of 0
// is a free one; the port is printed once the server listens. With a folder, queues and messages survive the process. It ends when its
// standard input does: with the process that started it.
import { pathToFileURL } from "node:url";
import { buildApp } from "fauxqs";

const part = (path) => import(pathToFileURL(`node_modules/fauxqs/dist/${path}`));
const [{ SqsStore }, { SnsStore }, { S3Store }, { PersistenceManager }] = await Promise.all(
  ["sqs/sqsStore.js", "sns/snsStore.js", "s3/s3Store.js", "persistence.js"].map(part),
);

const [port, folder] = process.argv.slice(1);
const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
if (folder) {
  const kept = new PersistenceManager(folder);
  // Its own loses a message that is made visible again: it forgets how often it was received, which the table does not take.
  const ready = kept.db.prepare("UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?");
  kept.updateMessageReady = (id) => ready.run(id);
  kept.loadSqsAndSns(stores.sqsStore, stores.snsStore);
  stores.sqsStore.persistence = kept;
  for (const queue of stores.sqsStore.allQueues()) queue.persistence = kept;
}

const app = buildApp({ logger: false, stores });
await app.listen({ host: "127.0.0.1", port: Number(port) });
process.stdin.on("end", () => process.exit()).resume();
console.log(app.server.address().port);
