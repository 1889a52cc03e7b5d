import { must } from "../base/assert.ts";
import type { Result } from "../base/result.ts";
import type { EventLog, LogHead } from "../engine/ports.ts";
import { openIndexedDbStorage } from "../storage/indexeddb/indexeddb-storage.ts";
import { joinProfile, type Profile } from "./leadership.ts";
import {
  type AppendRequest,
  type FromTestWorker,
  type Step,
  TEST_DOMAIN,
  type TestEntry,
  type ToTestWorker,
} from "./profile-test-messages.fixture.ts";

/** A tab's worker as small as can be: whoever leads appends to the real log, one entry per request id. */
declare const self: DedicatedWorkerGlobalScope;

const say = (message: FromTestWorker): void => self.postMessage(message);
let profile: Profile | null = null;

self.addEventListener("message", (event: MessageEvent<ToTestWorker>) => {
  if (event.data.kind === "connect") must(profile, "joined first").connect(must(event.ports[0], "a port"));
  else profile = join(event.data.profile, event.data.database);
});

function join(name: string, database: string): Profile {
  const joined = joinProfile({
    name,
    contractVersion: "test",
    onLeader: () => {
      serveAppends(joined, database).catch((error: unknown) => say({ kind: "wrong", detail: String(error) }));
    },
    onFollower: () => say({ kind: "follows" }),
    onLost: () => say({ kind: "lost" }),
    onReloadNeeded: () => say({ kind: "wrong", detail: "a reload was asked for" }),
    onFailed: (failure) => say({ kind: "wrong", detail: failure.detail }),
  });
  return joined;
}

async function serveAppends(own: Profile, database: string): Promise<void> {
  const reached = (step: Step): void => say({ kind: "step", step });
  reached("leads");
  const { log } = value(await openIndexedDbStorage(database));
  const append = createAppender(log, await load(log), (id) => ({ id, leader: own.id }), reached);
  reached("loaded");
  own.serveWith((port) => {
    port.addEventListener("message", (event: MessageEvent<AppendRequest>) => append(event.data.id, port));
    port.start();
  });
}

/** Which entry each request got. */
async function load(log: EventLog): Promise<Map<string, number>> {
  const known = new Map<string, number>();
  const { size } = value(await log.head(TEST_DOMAIN));
  for await (const chunk of log.read(TEST_DOMAIN, 0, size)) {
    for (const { token, seq } of chunk) known.set((JSON.parse(token) as TestEntry).id, seq);
  }
  if (known.size !== size) throw new Error(`${size} entries for ${known.size} requests`);
  return known;
}

/** Appends what has come while the last append was under way, in one frame; answers when it is durable. */
function createAppender(
  log: EventLog,
  known: Map<string, number>,
  entryFor: (id: string) => TestEntry,
  reached: (step: Step) => void,
): (id: string, port: MessagePort) => void {
  let asked: { readonly id: string; readonly port: MessagePort }[] = [];
  let busy = false;
  const drain = async (): Promise<void> => {
    while (asked.length > 0) {
      const batch = asked;
      asked = [];
      const fresh = [...new Set(batch.map(({ id }) => id))].filter((id) => !known.has(id));
      const from = known.size;
      reached("appending");
      if (fresh.length > 0) value(await log.append(TEST_DOMAIN, from, frame(from, fresh.map(entryFor))));
      for (const [index, id] of fresh.entries()) known.set(id, from + index);
      reached("durable");
      for (const { id, port } of batch) port.postMessage({ id, seq: known.get(id) });
      reached("answered");
    }
  };
  return (id, port) => {
    reached("received");
    asked.push({ id, port });
    if (busy) return;
    busy = true;
    drain().then(
      () => {
        busy = false;
      },
      (error: unknown) => say({ kind: "wrong", detail: String(error) }),
    );
  };
}

function frame(from: number, entries: readonly TestEntry[]): Parameters<EventLog["append"]>[2] {
  const digest = "A".repeat(43);
  const head: LogHead = { size: from + entries.length, root: digest, frontier: [digest] };
  const stored = entries.map((entry, index) => ({
    seq: from + index,
    token: JSON.stringify(entry),
    received_at: 1_700_000_000,
    submitter: "spiffe://console.local/pep",
    leaf: digest,
  }));
  return { entries: stored, head };
}

/** Any refusal is wrong here; a conflict above all: it means that another leader has written. */
function value<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}
