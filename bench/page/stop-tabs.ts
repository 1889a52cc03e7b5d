import { deleteDB } from "idb";
import { connectEmbedded, type EmbeddedConnection } from "../../app/api/embedded/connect.ts";
import { must } from "../../app/base/assert.ts";
import { openKeyStore } from "../../app/operator/key-store.ts";
import { releaseClaims } from "../../app/operator/order-claims.ts";
import { createOperatorSession, type OperatorSession } from "../../app/operator/session.ts";
import { stopSenderOf } from "../../app/operator/use-override.ts";
import { createFleet, type Fleet } from "./fleet.ts";

/*
 * Two tabs of one profile, each with the console's own worker: the first leads, and its page is frozen while somebody
 * presses in the second. In the frozen page itself nobody can: its handlers do not run.
 */

const PASSPHRASE = "a passphrase for the bench";
const CHAINS = 20;
const TASKS_PER_CHAIN = 600;
/** Entries that have to come after a start, so that the traffic is steady. */
const ENTRIES_BEFORE = 400;
const LOOK_MS = 20;

interface Tab {
  readonly profile: string;
  readonly connection: EmbeddedConnection;
  readonly session: OperatorSession;
}
let tab: Tab | null = null;
let fleet: Fleet | null = null;

const nowMs = (): number => performance.timeOrigin + performance.now();
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const own = (): Tab => must(tab, "the tab was opened");

async function openTab(profile: string): Promise<Tab> {
  const connection = connectEmbedded(profile);
  const session = createOperatorSession({
    client: connection.client,
    openKeyStore: () => openKeyStore(`${profile}-operator`),
    nowMs: () => Date.now(),
    announce: () => undefined,
  });
  await session.load();
  tab = { profile, connection, session };
  return tab;
}

/** The tab that leads: engine, agents, operator, fleet. */
export async function openLeader(profile: string): Promise<void> {
  const { connection, session } = await openTab(profile);
  const enrolled = await session.enrol("Bench", { kind: "passphrase", passphrase: PASSPHRASE });
  if (!enrolled.ok) throw new Error(enrolled.error.detail);
  const shape = { workflows: 1, chains: CHAINS, tasksPerChain: TASKS_PER_CHAIN };
  fleet = await createFleet(connection.client, session, shape);
}

/** Starts the agents and waits until they are at work. */
export async function startBusy(): Promise<void> {
  const { connection } = own();
  await must(fleet, "the tab leads").startAll();
  const size = async (): Promise<number> => (await connection.client.host.status()).position.size;
  const from = await size();
  while ((await size()) < from + ENTRIES_BEFORE) await pause(LOOK_MS);
}

/** How a page's thread is held up: it computes, which takes a core as well, or it waits for an answer and takes none. */
export type Freeze =
  | { readonly by: "computing"; readonly ms: number }
  | { readonly by: "waiting"; readonly at: string };

/** Blocks this page's thread; gives when that ended, epoch ms. */
export function freeze(how: Freeze): number {
  if (how.by === "computing") {
    const until = performance.now() + how.ms;
    while (performance.now() < until);
  } else {
    const request = new XMLHttpRequest();
    request.open("GET", how.at, false);
    request.send();
  }
  return nowMs();
}

/** The other tab of the profile, with the same operator's key. */
export async function openFollower(profile: string): Promise<void> {
  const { session } = await openTab(profile);
  const operator = must(session.store.getState().operator, "the key of the first tab is read here");
  const unlocked = await session.unlock(operator.kid, PASSPHRASE);
  if (!unlocked.ok) throw new Error(unlocked.error.detail);
}

export interface FollowerPress {
  /** Until the enforcement point answered that the stop is in force and recorded. */
  readonly answeredMs: number;
  /** An empty round trip to the engine right before it. */
  readonly statusMs: number;
  readonly targets: number;
  readonly answeredAtMs: number;
}

/** Presses here, waits for the answer, and releases once `thaw` ms are over. */
export async function pressHere({ thawMs }: { readonly thawMs: number }): Promise<FollowerPress> {
  const { connection, session } = own();
  const operator = must(session.store.getState().operator, "signed in");
  const scope = { kind: "domain" as const, id: operator.domain };
  const statusFrom = nowMs();
  await connection.control.host.status();
  const statusMs = nowMs() - statusFrom;
  const sender = stopSenderOf(session, connection.control, () => ({ scope, reason: "bench" }), connection.stopLine);
  const pressedMs = nowMs();
  sender.press();
  const answer = await new Promise<{ readonly jti: string; readonly targets: number }>((resolve, reject) => {
    sender.store.subscribe(({ phase, answer: given, problem }) => {
      if (phase === "latched" && given !== null) resolve(given);
      if (phase === "refused") reject(new Error(problem?.detail));
    });
  });
  const answeredAtMs = nowMs();
  await pause(thawMs);
  const again = await session.unlock(operator.kid, PASSPHRASE);
  if (!again.ok) throw new Error(again.error.detail);
  const claims = releaseClaims({
    ...{ of: answer.jti, scope, reason: "bench", operator },
    ...{ authTime: session.touch(), nowMs: Date.now() },
  });
  await connection.client.override.signal({ token: await session.sign("override+jwt", claims) });
  return { answeredMs: answeredAtMs - pressedMs, statusMs, targets: answer.targets, answeredAtMs };
}

export async function closeTab({ last }: { readonly last: boolean }): Promise<void> {
  const { profile, connection } = own();
  connection.close();
  if (last) await Promise.all([deleteDB(profile), deleteDB(`${profile}-operator`)]);
}
