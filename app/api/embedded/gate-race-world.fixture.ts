import { ORPCError } from "@orpc/client";
import { v4 } from "uuid";
import { must } from "../../base/assert.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { objectNode } from "../../protocol/ect/object-node.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { enrolledOperator, until } from "../dispatch/operator.fixture.ts";
import type { Answers } from "./gate-race-oracle.fixture.ts";
import { ASKED_SIZE, type Gated, racePolicy, raceRun } from "./gate-race-run.fixture.ts";
import type { Tab, Tabs } from "./gate-race-tabs.fixture.ts";
import { CONNECTION_LOST } from "./renewable-link.ts";

/** One workflow that is raced, with whoever decides, and what they heard. */

type Operator = Awaited<ReturnType<typeof enrolledOperator>>;

/** A profile with four people: the first starts everything, the last clears up. */
export interface Profile {
  readonly tabs: Tabs;
  readonly people: readonly Operator[];
  readonly pepId: string;
}

export interface Race extends Profile {
  readonly wid: string;
  /** By the id of the decision. */
  readonly answers: Map<string, Answers>;
  readonly sent: SignedDecision[];
  /** Signed and kept, to arrive when something else has happened. */
  readonly kept: SignedDecision[];
  /** What happened in all the races, by name. */
  readonly happened: Map<string, number>;
}

export interface SignedDecision {
  readonly jti: string;
  readonly outcome: string;
  readonly token: string;
  readonly node: string;
}

export interface Decision {
  readonly task: Gated;
  /** Index of whoever decides. */
  readonly by: number;
  readonly outcome: "approve" | "reject" | "abort" | "modify";
  /** What is wrong with it, as an attacker or a late console sends it. */
  readonly flaw: Flaw | null;
}

export const FLAWS = ["expired", "old authentication", "another action", "another version", "more"] as const;
type Flaw = (typeof FLAWS)[number];

export const count = ({ happened }: Pick<Race, "happened">, what: string): void =>
  void happened.set(what, (happened.get(what) ?? 0) + 1);

const nowS = (): number => Math.floor(Date.now() / 1000);
const digest = async (text: string): Promise<string> =>
  toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text))));

export async function openProfile(tabs: Tabs): Promise<Profile> {
  const client = tabs.client("A");
  const people: Operator[] = [];
  for (const name of ["Ann", "Ben", "Cid", "Dora"]) people.push(await enrolledOperator(client, name));
  return { tabs, people, pepId: (await client.identity.describe()).pepId };
}

export async function startRace(profile: Profile, happened: Race["happened"]): Promise<Race> {
  const race: Race = { ...profile, wid: v4(), answers: new Map(), sent: [], kept: [], happened };
  await start(race, "A");
  await quiet(race, "A");
  return race;
}

async function start({ tabs, people, wid }: Race, tab: Tab): Promise<void> {
  const starter = must(people[0], "who starts").rebound(tabs.client(tab));
  await starter.start(raceRun(), { wid, speed: 1000, change: racePolicy });
}

/** The decision as somebody at this tab signs it, who looked at the request there; null where nothing was asked yet. */
export async function signDecision(race: Race, tab: Tab, decision: Decision): Promise<SignedDecision | null> {
  const { rows } = await race.tabs.client(tab).gate.queue({ wid: race.wid });
  const ofTask = rows.filter(({ taskName }) => taskName === decision.task);
  const row = ofTask.find(({ state }) => state === "pending") ?? ofTask[0];
  if (row === undefined) return null;
  const shown = await race.tabs.client(tab).gate.request({ request: row.request });
  const { exec_act, inp_hash, args_hash } = shown.claims.task;
  const { outcome, flaw } = decision;
  const by = must(race.people[decision.by], "somebody");
  const atS = nowS() - (flaw === "expired" ? 900 : 0);
  const size = flaw === "more" ? ASKED_SIZE + 1 : ASKED_SIZE - 1;
  const claims = {
    iss: by.subject,
    aud: [race.pepId],
    iat: atS,
    exp: atS + 300,
    jti: v4(),
    wid: race.wid,
    request: { jti: row.request, hash: flaw === "another version" ? "Z".repeat(42).concat("A") : shown.digest },
    outcome,
    role: "operator",
    auth_time: atS - (flaw === "old authentication" ? 1000 : 0),
    amr: ["swk", "user"],
    reason: "checked",
    bind: { exec_act: flaw === "another action" ? "build_site" : exec_act, inp_hash, args_hash },
    ...(outcome === "modify" ? { modified: { args_hash: await digest(`{"size":${size}}`), args: { size } } } : {}),
  };
  const token = await signToken("hitl-decision+jwt", claims, by.signer);
  const ect = objectNode(
    { typ: "hitl-decision+jwt", jti: claims.jti, hash: await digest(token), iss: claims.iss, wid: claims.wid },
    {
      execAct: "hitl_decision",
      outcome,
      aud: claims.aud,
      pred: shown.node === null ? [] : [shown.node],
      iat: claims.iat,
    },
  );
  return { jti: claims.jti, outcome, token, node: await signToken("exec+jwt", ect, by.signer) };
}

export async function sendDecision(race: Race, tab: Tab, signed: SignedDecision): Promise<void> {
  const answers = race.answers.get(signed.jti) ?? { outcome: signed.outcome, ok: 0, replayed: 0, refused: [], lost: 0 };
  race.answers.set(signed.jti, answers);
  if (!race.sent.includes(signed)) race.sent.push(signed);
  const code = await refusalOf(race.tabs.client(tab).gate.decide({ token: signed.token, node: signed.node }));
  if (code === null) answers.ok += 1;
  else if (code === CONNECTION_LOST) answers.lost += 1;
  else if (code === "token_replayed") answers.replayed += 1;
  else answers.refused.push(code);
  count(race, code ?? `ok: ${signed.outcome}`);
}

/** Null for a yes, the code of a refusal; anything else that is thrown is a fault. */
async function refusalOf(asked: Promise<unknown>): Promise<string | null> {
  try {
    await asked;
    return null;
  } catch (error) {
    if (!(error instanceof ORPCError)) throw error;
    const refused: unknown = error.data?.code;
    if (typeof refused === "string") return refused;
    if (error.code === CONNECTION_LOST) return CONNECTION_LOST;
    throw error;
  }
}

/** Takes the policy in force away, or puts another one in its place: what waits must be asked for anew. */
export async function changePolicy(race: Race, tab: Tab, how: "replace" | "revoke"): Promise<() => Promise<void>> {
  const starter = must(race.people[0], "who signed it");
  const { policy } = await race.tabs.client(tab).workflow.get({ wid: race.wid });
  const named = { jti: policy.jti, hash: policy.hash };
  const common = { iss: starter.subject, aud: [race.pepId], iat: nowS(), jti: v4() };
  const token =
    how === "replace"
      ? await signToken("acp+jwt", { ...policy.claims, ...common, exp: nowS() + 7200, replaces: named }, starter.signer)
      : await signToken(
          "acp-revocation+jwt",
          {
            ...common,
            exp: nowS() + 300,
            acp: named,
            role: "operator",
            auth_time: nowS(),
            amr: ["swk", "user"],
            reason: "withdrawn",
          },
          starter.signer,
        );
  return async () => {
    const code = await refusalOf(race.tabs.client(tab).policy[how]({ token }));
    count(race, `${how}: ${code ?? "ok"}`);
  };
}

export async function stop(race: Race, tab: Tab): Promise<() => Promise<void>> {
  const token = await must(race.people[0], "who stops").signal("stop", { kind: "workflow", id: race.wid });
  return async () => {
    const code = await refusalOf(race.tabs.client(tab).override.signal({ token }));
    count(race, `stop: ${code ?? "ok"}`);
  };
}

/** Releases what stops the workflow, once it is known what each agent did, and starts it again, where it is stopped. */
export async function startAgain(race: Race, tab: Tab): Promise<void> {
  const client = race.tabs.client(tab);
  const latched = await until(client, async () => {
    const { signals } = await client.override.list();
    const own = signals.filter((signal) => signal.latched && signal.scope.id === race.wid);
    return own.every(({ targets }) => targets.every(({ status }) => status !== "commanded")) ? own : null;
  });
  const scope = { kind: "workflow", id: race.wid };
  for (const { jti } of latched) {
    const token = await must(race.people[0], "who stops").signal("release", scope, { params: { of: jti } });
    await client.override.signal({ token });
  }
  const { workflow } = await client.workflow.get({ wid: race.wid });
  if (workflow.status !== "stopped") return;
  await start(race, tab);
  count(race, "started again");
}

/** Resolves when nothing goes on by itself: what is left waits for people, or is over. */
export async function quiet({ tabs, wid }: Race, tab: Tab): Promise<void> {
  const client = tabs.client(tab);
  await until(client, async () => {
    const { counts, status } = await client.workflow.states({ wid });
    if (status === "finished" || status === "stopped") return true;
    const going = (counts.planned ?? 0) + (counts.asked ?? 0) + (counts.running ?? 0);
    return going === 0 && (counts.waiting ?? 0) > 0 ? true : null;
  });
}

/** Turns down whatever still waits, so that the workflow ends. */
export async function clearUp(race: Race, tab: Tab): Promise<void> {
  for (;;) {
    await quiet(race, tab);
    const { rows } = await race.tabs.client(tab).gate.queue({ wid: race.wid, state: "pending" });
    if (rows.length === 0) return;
    for (const row of rows) {
      const task = row.taskName as Gated; // the run has no other gated tasks
      const signed = await signDecision(race, tab, { task, by: 3, outcome: "reject", flaw: null });
      if (signed !== null) await sendDecision(race, tab, signed);
    }
  }
}

/** What somebody at this tab sees of the workflow, without what moves by itself. */
export async function seen({ tabs, wid }: Race, tab: Tab) {
  const client = tabs.client(tab);
  const { rows } = await client.gate.queue({ wid });
  const { states, status } = await client.workflow.states({ wid });
  return { status, states, gates: rows.map(({ remainingMs: _moves, ...row }) => row) };
}

export async function exported({ tabs }: Profile, tab: Tab): Promise<string> {
  let text = "";
  for await (const chunk of await tabs.client(tab).audit.export()) text += chunk.text;
  return text;
}
