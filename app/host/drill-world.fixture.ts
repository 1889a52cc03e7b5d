import { createRouterClient } from "@orpc/server";
import { createLocalPool } from "../agents/local-pool.ts";
import type { AgentPool, FromAgent } from "../agents/messages.ts";
import { router } from "../api/dispatch/router.ts";
import { must } from "../base/assert.ts";
import { toBase64url, utf8 } from "../base/bytes.ts";
import type { Ids } from "../base/ports.ts";
import type { LoggedFact } from "../engine/fact.ts";
import type { EventLog, Storage } from "../engine/ports.ts";
import type { AcpClaimsInput } from "../protocol/acp/claims.ts";
import { generateSigner } from "../protocol/jose/keys.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import type { RecordedRun } from "../protocol/run/recorded-run.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { createVirtualTime, type VirtualTime } from "./drill-clock.fixture.ts";
import { nodeSha256 } from "./drill-crypto.fixture.ts";
import type { DrillScenario, DrillStop } from "./drill-scenario.fixture.ts";
import type { HostKey } from "./host-keys.ts";
import { agentKeyName, openHost } from "./open-host.ts";

/** What is seen of one target of a stop on the screen. */
export interface SeenTarget {
  readonly agent: string;
  readonly status: string;
  readonly acknowledgedAtMs: number | null;
  readonly compliedAtMs: number | null;
  readonly verifiedAtMs: number | null;
  readonly violatedAtMs: number | null;
  /** Not of the screen: whether its place shows that it does nothing. */
  readonly halted: boolean;
}

/** What happened in a drill, in order, as its surroundings saw it and without asking the code that is tried. */
export type Happening = { readonly atMs: number } & (
  | { readonly t: "stop"; readonly stop: number; readonly jti: string; readonly again: boolean }
  | {
      readonly t: "answered";
      readonly stop: number;
      readonly jti: string;
      readonly latchedAtMs: number | null;
      readonly targets: number;
      readonly again: boolean;
    }
  | { readonly t: "told"; readonly agent: string; readonly jti: string }
  /** The enforcement point let an effect through: its agent was told to state it. */
  | { readonly t: "effect"; readonly agent: string; readonly task: string }
  | { readonly t: "said"; readonly message: FromAgent }
  | { readonly t: "logged"; readonly logged: LoggedFact }
  | {
      readonly t: "seen";
      readonly signals: readonly {
        readonly jti: string;
        readonly latched: boolean;
        readonly targets: readonly SeenTarget[];
      }[];
    }
);

export interface Drill {
  readonly scenario: DrillScenario;
  readonly domain: string;
  readonly wid: string;
  readonly agents: readonly string[];
  /** The agent of each task, by jti. */
  readonly ownerOf: ReadonlyMap<string, string>;
  /** Target of each stop: an agent, a task, the workflow or the domain. */
  readonly scopes: readonly { readonly kind: string; readonly id: string }[];
  readonly happened: readonly Happening[];
}

const START_MS = 1_772_064_000_000;
const DEADLINE_MS = 1000;
/** How long a drill is watched after its last event, ms. */
const WATCHED_MS = 2600;
const LOOK_EVERY_MS = 250;
const WID = "0195400c-0000-4000-8000-000000000001";

export interface DrillKeys {
  readonly log: HostKey;
  readonly pep: HostKey;
  readonly verifier: HostKey;
  readonly operator: HostKey;
  readonly agents: readonly HostKey[];
}

/** Keys are made once: what they are has no part in what happens. */
export async function drillKeys(): Promise<DrillKeys> {
  const [log, pep, verifier, operator, ...agents] = await Promise.all(
    Array.from({ length: 9 }, () => generateSigner()),
  );
  return {
    log: must(log ?? null, "a key"),
    pep: must(pep ?? null, "a key"),
    verifier: must(verifier ?? null, "a key"),
    operator: must(operator ?? null, "a key"),
    agents,
  };
}

/** Plays one drill from its beginning to its end over a whole host. */
export async function playDrill(scenario: DrillScenario, keys: DrillKeys): Promise<Drill> {
  const time = createVirtualTime(START_MS);
  const happened: Happening[] = [];
  const note = (what: DistributiveOmit<Happening, "atMs">): void => {
    // The union loses its pairing when a member is put together with the time.
    happened.push({ atMs: time.nowMs(), ...what } as Happening);
  };
  const ids = countedIds();
  const sha256 = nodeSha256();
  const storage = await slowStorage(createMemoryStorage({ clone: false }), scenario, keys, time);
  const pool = tappedPool(createLocalPool({ clock: time, ids }), scenario, time, note);
  const opened = await time.settle(
    openHost({
      storage,
      clock: time,
      ids,
      sha256,
      pool,
      trustDomain: "drill.local",
      kind: "mock",
      epoch: 0,
      storageUse: async () => ({ state: "memory", detail: "", usageBytes: null, quotaBytes: null }),
    }),
  );
  const host = must(opened.ok ? opened.value : null, JSON.stringify(opened));
  const client = createRouterClient(router, { context: { host } });
  host.engine.onAppend((logged) => {
    for (const fact of logged) note({ t: "logged", logged: fact });
  });

  const nowS = (): number => Math.floor(time.nowMs() / 1000);
  const operator = `spiffe://drill.local/human/alice`;
  const { signer, jwk } = keys.operator;
  const common = (aud: string, lifetimeS = 300) => ({
    iss: operator,
    aud: [aud],
    iat: nowS(),
    exp: nowS() + lifetimeS,
    jti: ids.uuid(),
  });
  const { pepId, logId, domain } = host.engine.ids;
  const proof = await signToken("operator-enrolment+jwt", { ...common(logId), name: "Alice" }, signer);
  await time.settle(client.identity.enrolOperator({ jwk, proof }));
  const run = runOf(scenario);
  const { digest } = await time.settle(client.workflow.addRun(run));
  const agents = (await time.settle(client.workflow.prepare({ digest, wid: WID }))).agents.map(({ agent }) => agent);
  const plan = await host.runs.plan(digest);
  const { jtis } = host.runs.jtis(WID, must(plan.ok ? plan.value : null, "the run was added"));
  const ownerOf = new Map(jtis.map((jti, at) => [jti, agents[scenario.tasks[at]?.agent ?? 0] ?? ""]));

  const start = async (): Promise<void> => {
    const policy = policyOf(scenario, agents, operator, common(pepId, 7200));
    const acp = await signToken("acp+jwt", policy, signer);
    const hash = toBase64url(sha256(utf8(acp)));
    const claims = {
      ...common(pepId),
      wid: WID,
      exec_act: "run_start",
      pred: [],
      ect_ext: {
        obj_typ: "recorded-run+json",
        obj_id: run.name,
        obj_hash: digest,
        "org.signalbox.acp": { jti: policy.jti, hash },
      },
    };
    const token = await signToken("exec+jwt", claims, signer);
    await time.settle(client.workflow.start({ acp, start: token, speed: 1 }));
  };
  let seq = 0;
  const order = (action: "stop" | "release", scope: object, change: object) => {
    seq += 1;
    return signToken(
      "override+jwt",
      {
        ...common(pepId),
        ovr_ver: 1,
        level: action === "stop" ? "emergency" : "mandatory",
        action,
        scope,
        params: {},
        seq,
        deadline_ms: DEADLINE_MS,
        reason: "drill",
        auth_time: nowS(),
        amr: ["swk", "user"],
        role: "operator",
        ...change,
      },
      signer,
    );
  };
  const look = async (): Promise<void> => {
    const { signals } = await time.settle(client.override.list());
    note({
      t: "seen",
      signals: signals.map(({ jti, latched, targets }) => ({
        jti,
        latched,
        targets: targets.map((target) => ({ ...target, halted: pool.observe(target.agent).halted })),
      })),
    });
  };

  const scopes = scenario.stops.map((stop) => scopeOf(stop, agents, jtis, domain));
  await start();
  const startedMs = time.nowMs();
  const plannedMs: { atMs: number; does(): Promise<void> }[] = [];
  let endMs = startedMs;
  const at = (atMs: number, does: () => Promise<void>): void => {
    plannedMs.push({ atMs, does });
    endMs = Math.max(endMs, atMs + WATCHED_MS);
  };
  scenario.stops.forEach((stop, index) => {
    const scope = must(scopes[index] ?? null, "a scope for each stop");
    let token: { readonly jti: string; readonly compact: string } | null = null;
    const give = async (again: boolean): Promise<void> => {
      const jti = token?.jti ?? ids.uuid();
      const compact = token?.compact ?? (await order("stop", scope, { jti, params: { mode: "immediate" } }));
      token = { jti, compact };
      note({ t: "stop", stop: index, jti, again });
      const asked = client.override.signal({ token: compact });
      // Not waited for: the log may be slow, and a stop is not.
      void asked.then((answer) => note({ t: "answered", stop: index, again, ...answer }));
      await time.quiet();
      await look();
    };
    at(startedMs + stop.atMs, () => give(false));
    if (stop.againMs !== null) at(startedMs + stop.atMs + stop.againMs, () => give(true));
    at(startedMs + stop.atMs + DEADLINE_MS, look);
    if (stop.releasedMs === null) return;
    const releasedMs = startedMs + stop.atMs + stop.releasedMs;
    at(releasedMs, async () => {
      const jti = token?.jti ?? "";
      const release = await order("release", scope, { params: { of: jti } });
      await time.settle(client.override.signal({ token: release }));
    });
    if (stop.startedMs !== null)
      at(releasedMs + stop.startedMs, async () => {
        const status = await time.settle(client.workflow.get({ wid: WID }));
        if (status.workflow.status !== "finished") await start().catch(() => undefined);
      });
  });
  for (let lookMs = startedMs + LOOK_EVERY_MS; lookMs < endMs; lookMs += LOOK_EVERY_MS)
    plannedMs.push({ atMs: lookMs, does: look });
  for (const { atMs, does } of plannedMs.toSorted((a, b) => a.atMs - b.atMs)) {
    await time.until(atMs);
    await does();
  }
  await time.until(endMs);
  await look();
  host.close();
  time.close();
  return { scenario, domain, wid: WID, agents, ownerOf, scopes, happened };
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function countedIds(): Ids {
  let made = 0;
  return {
    uuid: () => {
      made += 1;
      return `0195400c-0000-4000-9000-${made.toString(16).padStart(12, "0")}`;
    },
  };
}

/** Keeps what it is given in order and at once, and says so as late as the scenario has it. */
async function slowStorage(
  memory: Storage,
  scenario: DrillScenario,
  keys: DrillKeys,
  time: VirtualTime,
): Promise<Storage> {
  await memory.values.put("signer/log", keys.log);
  await memory.values.put("signer/pep", keys.pep);
  await memory.values.put("signer/verifier", keys.verifier);
  for (const [at] of scenario.faults.entries()) await memory.values.put(agentKeyName(WID, `a${at}`), keys.agents[at]);
  let turn = 0;
  const append: EventLog["append"] = async (...frame) => {
    const waitMs = scenario.append[turn % scenario.append.length] ?? 0;
    turn += 1;
    if (waitMs > 0) await new Promise<void>((resolve) => void time.after(waitMs, resolve));
    return memory.log.append(...frame);
  };
  return { ...memory, log: { ...memory.log, append } };
}

/** The pool with the way to it: messages take their time, arrive in order, and are noted. */
function tappedPool(
  pool: AgentPool,
  scenario: DrillScenario,
  time: VirtualTime,
  note: (what: DistributiveOmit<Happening, "atMs">) => void,
): AgentPool {
  let turn = 0;
  const lastMs = new Map<string, number>();
  const later = (way: string, run: () => void): void => {
    turn += 1;
    const atMs = Math.max(lastMs.get(way) ?? 0, time.nowMs() + (scenario.link[turn % scenario.link.length] ?? 0));
    lastMs.set(way, atMs);
    time.after(atMs - time.nowMs(), run);
  };
  const effects = new Set<string>();
  // Several hear the same message, which has come once.
  const listeners = new Set<(message: FromAgent) => void>();
  pool.onMessage((message) => {
    if (message.t === "ready" || message.t === "heartbeats") return;
    later(`from ${message.agent}`, () => {
      note({ t: "said", message });
      for (const listener of listeners) listener(message);
    });
  });
  return {
    ...pool,
    admit: (agent, signer, pepId, _faults, _drill, halted) =>
      pool.admit(agent, signer, pepId, scenario.faults[Number(agent.split("/a").at(-1))] ?? [], null, halted),
    send: (message) => {
      if (message.t === "report" && !effects.has(message.task.jti)) {
        effects.add(message.task.jti);
        note({ t: "effect", agent: message.agent, task: message.task.jti });
      }
      if (message.t === "stop") note({ t: "told", agent: message.agent, jti: message.signal.jti });
      later(`to ${message.agent}`, () => pool.send(message));
    },
    onMessage: (listener) => void listeners.add(listener),
  };
}

function scopeOf(stop: DrillStop, agents: readonly string[], jtis: readonly string[], domain: string) {
  const kind = stop.scope;
  if (kind === "domain") return { kind, id: domain };
  if (kind === "workflow") return { kind, id: WID };
  const among = kind === "agent" ? agents : jtis;
  return { kind, id: among[stop.of % among.length] ?? "" };
}

function runOf({ faults, tasks }: DrillScenario): RecordedRun {
  return {
    version: 1,
    format: "wfformat",
    formatVersion: "1.5",
    name: "Drill",
    source: { file: "drill.json", origin: null },
    callers: "edges",
    schedule: "recorded",
    observedOnly: false,
    startedAtMs: null,
    makespanMs: null,
    agents: faults.map((_, at) => ({ id: `a${at}`, name: `Agent ${at}`, kind: "program" })),
    tasks: tasks.map(({ agent, after, durationMs, gated }, at) => ({
      id: `t${at}`,
      name: `t${at}`,
      action: gated ? "deploy_site" : "build_site",
      agent: `a${agent}`,
      parents: after === 0 || after > at ? [] : [{ id: `t${at - after}`, inferred: false }],
      caller: null,
      startMs: 0,
      durationMs,
      outcome: "success",
      error: null,
      attempt: 0,
      inputs: [],
      outputs: [`t${at}.out`],
      args: { step: at },
      narrative: null,
      usage: null,
      attributes: {},
    })),
    counts: {},
    warnings: [],
  };
}

const ACTIONS = ["build_site", "deploy_site"];

function policyOf(
  { delegatedBy }: DrillScenario,
  agents: readonly string[],
  operator: string,
  common: Pick<AcpClaimsInput, "iss" | "aud" | "iat" | "exp" | "jti">,
): AcpClaimsInput {
  const parents = agents.map((_, at) => parentOf(delegatedBy, at));
  return {
    ...common,
    sub: operator,
    wid: WID,
    acp_ver: 1,
    dag: {
      root: "op",
      self: "op",
      max_depth: 8,
      max_fanout: 64,
      nodes: [
        { id: "op", agent: operator, actions: ACTIONS, delegable: true },
        ...agents.map((agent, at) => ({ id: `n${at}`, agent, actions: ACTIONS, delegable: parents.includes(at) })),
      ],
      edges: parents.map((parent, at) => ({
        from: parent === null ? "op" : `n${parent}`,
        to: `n${at}`,
        kind: "delegates" as const,
        actions: ACTIONS,
      })),
    },
    hitl: {
      default_on_timeout: "deny",
      rules: [
        {
          id: "approve-deployments",
          trigger: { kind: "action", patterns: ["deploy_*"] },
          role: "operator",
          action: "approve",
          timeout_s: 900,
        },
      ],
    },
  };
}

/** Which agent delegates to this one, by index; null where the operator does. */
export function parentOf(delegatedBy: readonly number[], at: number): number | null {
  const parent = delegatedBy[at] ?? at;
  return parent < at ? parent : null;
}
