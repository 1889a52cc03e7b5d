import type { Clock, Sha256 } from "../base/ports.ts";
import type { Engine } from "../engine/engine.ts";
import { type FactOf, factOfEntry, type LoggedFact } from "../engine/fact.ts";
import { lastEctOf } from "../engine/override/node.ts";
import type { EventLog, KeyValueStore } from "../engine/ports.ts";
import type { State } from "../engine/state.ts";
import { workflowOfAgent } from "../engine/workflow/evolve.ts";
import type { LedgerEntry } from "../protocol/audit/claims.ts";
import { tokenDigest } from "../protocol/jose/sign-token.ts";
import type { OverrideClaims } from "../protocol/override/claims.ts";
import { type OverrideAct, type OverrideNode, overrideNodeClaims, overrideNodeJti } from "../protocol/override/node.ts";

export interface OverrideNodesPorts {
  readonly engine: Engine;
  readonly log: EventLog;
  readonly values: KeyValueStore;
  readonly clock: Clock;
  readonly sha256: Sha256;
}

/**
 * Writes the ECT nodes of override events (OVR-5, OVR-35): for each signal, final acknowledgement, verdict and rung of the
 * ladder, after it has had its effect and well after it was logged, a few at a time. Nothing waits for them; where the log
 * does not take one now it is written later, also by a host that is opened again.
 */
export interface OverrideNodes {
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[], entries: readonly LedgerEntry[]): void;
  close(): void;
}

/** An override event that has no node yet. */
interface Event {
  readonly seq: number;
  readonly execAct: OverrideAct;
  readonly object: OverrideNode["object"];
  readonly signal: string;
  /** Of a signal itself, its claims: one that releases a stop is kept nowhere else. */
  readonly claims: OverrideClaims | null;
  /** Whom an acknowledgement, a verdict or a rung is about; empty for a signal: those it is for. */
  readonly agents: readonly string[];
  /** Tokens whose nodes it follows, where they are there. */
  readonly after: readonly string[];
}

/** Later than the fastest of what an override sets going, so that its acknowledgements do not wait behind its nodes. */
const SETTLE_MS = 1000;
const AT_ONCE = 32;
const CURSOR = "override-nodes/next";
const FINAL: ReadonlySet<string> = new Set(["complied", "partially_complied", "refused", "failed"]);

export function createOverrideNodes(ports: OverrideNodesPorts): OverrideNodes {
  const { engine, clock } = ports;
  const queue: Event[] = [];
  /** By signal and agent, the acknowledgement that a verdict follows. */
  const acks = new Map<string, string>();
  let waiting: (() => void) | null = null;
  let writing = false;
  let closed = false;

  const eventOf = ({ seq, fact }: LoggedFact, hash: string): Event | null => {
    const object = { typ: fact.typ, jti: fact.claims.jti ?? "", hash };
    const one = (execAct: OverrideAct, signal: string, about: Partial<Event> = {}): Event => ({
      seq,
      execAct,
      object,
      signal,
      claims: null,
      agents: [],
      after: [signal],
      ...about,
    });
    if (fact.typ === "override+jwt")
      return one("override_signal", fact.claims.jti, { claims: fact.claims, after: endedBy(fact) });
    if (fact.typ === "override-ack+jwt") {
      if (!FINAL.has(fact.claims.stage)) return null;
      acks.set(`${fact.claims.signal.jti} ${fact.claims.iss}`, fact.claims.jti);
      return one("override_ack", fact.claims.signal.jti, { agents: [fact.claims.iss] });
    }
    if (fact.typ === "override-compliance+jwt") {
      const { signal, target } = fact.claims;
      const ack = acks.get(`${signal.jti} ${target}`);
      const after = ack === undefined ? [signal.jti] : [signal.jti, ack];
      return one("override_compliance", signal.jti, { agents: [target], after });
    }
    if (fact.typ === "record+jwt" && fact.claims.kind === "override_escalated")
      return one("override_escalation", String(fact.claims.data.signal), { agents: strings(fact.claims.data.agents) });
    return null;
  };

  const take = (events: readonly Event[]): void => {
    if (events.length === 0 || closed) return;
    queue.push(...events);
    if (!writing) waiting ??= clock.after(SETTLE_MS, () => void drain());
  };

  const drain = async (): Promise<void> => {
    waiting = null;
    writing = true;
    const batch = queue.splice(0, AT_ONCE);
    for (const event of batch) await write(event);
    const last = batch.at(-1);
    if (last !== undefined && !closed) await ports.values.put(CURSOR, last.seq + 1);
    writing = false;
    if (queue.length > 0 && !closed) waiting ??= clock.after(0, () => void drain());
  };

  const write = async (event: Event): Promise<void> => {
    const nodes = closed ? [] : await engine.read((state) => nodesOf(state, event));
    const by = { iss: engine.ids.pepId, nowS: Math.floor(clock.nowMs() / 1000) };
    for (const node of nodes) {
      const token = await engine.signAsPep("exec+jwt", overrideNodeClaims(node, by));
      const received = await engine.receive(token);
      if (received.ok && !closed) await engine.submit({ kind: "token", ...received.value });
    }
  };

  return {
    open: async () => {
      const size = await engine.read((_state, head) => head.size);
      const cursor = await ports.values.get(CURSOR);
      // A log from before there were nodes is not written into afterwards.
      const from = cursor.ok && typeof cursor.value === "number" ? cursor.value : size;
      if (from === size) await ports.values.put(CURSOR, size);
      for await (const chunk of ports.log.read(engine.ids.domain, from, size)) {
        const missed = chunk.flatMap((entry) => {
          const fact = factOfEntry(entry);
          const hash = tokenDigest(entry.token, ports.sha256);
          const logged = { seq: entry.seq, receivedAt: entry.received_at, digest: hash };
          const event = fact.ok ? eventOf({ ...logged, fact: fact.value }, hash) : null;
          return event === null ? [] : [event];
        });
        take(missed);
      }
    },
    facts: (logged, entries) => {
      take(
        logged.flatMap((one, at) => {
          const token = OVERRIDES.has(one.fact.typ) ? entries[at]?.token : undefined;
          const event = token === undefined ? null : eventOf(one, tokenDigest(token, ports.sha256));
          return event === null ? [] : [event];
        }),
      );
    },
    close: () => {
      closed = true;
      waiting?.();
    },
  };
}

const MAX_PRED = 100;
const FOLLOWS_WORK: ReadonlySet<OverrideAct> = new Set(["override_signal", "override_ack"]);

const OVERRIDES: ReadonlySet<string> = new Set([
  "override+jwt",
  "override-ack+jwt",
  "override-compliance+jwt",
  "record+jwt",
]);

/** The nodes that are still missing for an event: one in each workflow that it is about. */
function nodesOf(state: State, event: Event): readonly OverrideNode[] {
  const signal = event.claims ?? state.overrides.get(event.signal)?.claims;
  if (signal === undefined) return [];
  const agents =
    event.execAct === "override_signal" ? [...(state.overrides.get(event.signal)?.targets.keys() ?? [])] : event.agents;
  const byWorkflow = new Map<string, string[]>();
  for (const agent of agents) {
    const wid = workflowOfAgent(agent) ?? "";
    byWorkflow.set(wid, [...(byWorkflow.get(wid) ?? []), agent]);
  }
  // Where nobody was there to be told, and of the release of a stop, which nobody is told of, the scope names the workflow.
  if (signal.scope.kind === "workflow" && !byWorkflow.has(signal.scope.id)) byWorkflow.set(signal.scope.id, []);
  return [...byWorkflow].flatMap(([wid, about]) => {
    const workflow = state.workflows.get(wid);
    if (workflow === undefined || workflow.ects.has(overrideNodeJti(event.object.jti, wid))) return [];
    const before = event.after.map((jti) => overrideNodeJti(jti, wid)).filter((jti) => workflow.ects.has(jti));
    // A signal and an acknowledgement follow the last thing that each of their agents did; the others the event they are about.
    const own = FOLLOWS_WORK.has(event.execAct) ? about.slice(0, MAX_PRED) : [];
    const work = own.map((agent) => lastEctOf(workflow, agent));
    const start = before.length + work.length === 0 ? [lastEctOf(workflow, "")] : [];
    const pred = [...before, ...work, ...start].filter((jti) => jti !== null);
    return [{ execAct: event.execAct, object: event.object, wid, pred, signal }];
  });
}

/** The signal that an end ends, whose node its own one follows. */
function endedBy({ claims }: FactOf<"override+jwt">): readonly string[] {
  return typeof claims.params.of === "string" ? [claims.params.of] : [];
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
