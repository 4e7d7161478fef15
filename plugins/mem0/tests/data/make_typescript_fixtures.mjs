// Writes oss-ts-<version>/ as the TypeScript library leaves it. By hand, where npm can be reached:
//
//   npm install mem0ai better-sqlite3
//   MEM0_TELEMETRY=false node make_typescript_fixtures.mjs FOLDER
//
// The embedder is a stub and infer is off, so no model is asked; what lands on disk is the
// release's own doing. Ids and times differ from run to run.
import { createHash } from "node:crypto";
import { Memory } from "mem0ai/oss";

const folder = process.argv[2];
const embed = (text) =>
  Array.from(createHash("sha256").update(text).digest().subarray(0, 4), (byte) => byte / 255);
const embedder = { embedQuery: async (text) => embed(text), embedDocuments: async (texts) => texts.map(embed) };
const noModel = { invoke: async () => { throw new Error("no model is asked"); } };
const memory = new Memory({
  embedder: { provider: "langchain", config: { model: embedder, embeddingDims: 4 } },
  llm: { provider: "langchain", config: { model: noModel } },
  vectorStore: { provider: "memory", config: { dimension: 4, dbPath: `${folder}/vector_store.db` } },
  historyDbPath: `${folder}/memory.db`,
});
const add = async (text, options) =>
  (await memory.add(text, { infer: false, ...options })).results[0].id;

for (let n = 0; n < 3; n++) await add(`Alice likes tea number ${n}.`, { userId: "alice", metadata: { n } });
await add("Grüße aus Köln 🦊", { userId: "bob", agentId: "concierge" });
await add("The concierge answers briefly.", { agentId: "concierge" });
await add("This run is about invoices.", { runId: "run-7" });
await add("Nested.", { userId: "bob", metadata: { home: { city: "Berlin" }, tags: ["a"] } });
await add("The trial ends in spring.", { userId: "bob", metadata: { expiration_date: "2024-03-31" } });
const changed = await add("Alice lives in Oslo.", { userId: "alice", metadata: { k: "v" } });
await memory.update(changed, "Alice lives in Bergen.");
await memory.delete(await add("Alice regrets having said this.", { userId: "alice" }));
