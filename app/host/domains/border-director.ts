import { v5 as uuidV5 } from "uuid";
import type { Clock, Ids } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { AUDIT_EXT } from "../../engine/audit/statement.ts";
import type { Engine, SubmitError } from "../../engine/engine.ts";
import { factOfEntry } from "../../engine/fact.ts";
import { isTransient } from "../../engine/patient-engine.ts";
import type { Storage } from "../../engine/ports.ts";
import type { HeldEct } from "../../engine/state.ts";
import type { RunPlan } from "../../engine/workflow/plan.ts";
import type { AuditTokenClaims } from "../../protocol/audit/audit-token.ts";
import { ECT_EXT } from "../../protocol/ect/claims.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { RunStore } from "../run-store.ts";
import { auditClaims, borderJti, carryCrossing, ownAudit, put } from "./crossing.ts";
import type { DomainHost, DomainHosts } from "./domain-hosts.ts";
import { domainsOfRun, MOST_DOMAINS, type PlannedCrossing, type RunDomains, stitchIdOf } from "./run-domains.ts";
import { tried } from "./tried.ts";

export interface BorderPorts {
  readonly engine: Engine;
  readonly runs: RunStore;
  readonly storage: Storage;
  readonly hosts: DomainHosts;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Something was written to a domain's log, or could not be. */
  changed(): void;
}

/**
 * Keeps the trails of workflows whose agents live in several domains: each domain's log gets an audit token for every task
 * of its agents, and where a task rests on tasks of another domain, that crossing is carried first. What is due is read
 * from the console's log and from what the domains' logs have, so that it goes on after whatever went wrong.
 */
export interface BorderDirector {
  /** There may be something to do for these workflows. */
  look(wids: readonly string[]): void;
  /** Answers when everything a task rests on has come into its agent's domain, or why it did not (X1). */
  admit(wid: string, task: string): Promise<Refusal | null>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  close(): void;
}

/** Storage that is away is asked again. */
const AGAIN_MS = 500;

interface Trail {
  readonly wid: string;
  readonly plan: RunPlan;
  readonly domains: RunDomains;
  readonly jtis: readonly string[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** What came of crossings: null where the receiver let it in. */
  readonly verdicts: Map<string, Refusal | null>;
}

interface Denied {
  readonly agent: string;
  readonly code: string;
}

/** What the console's log has of a workflow: its tasks that are done or refused, by id, and its policy. */
interface Done {
  readonly ects: ReadonlyMap<string, HeldEct>;
  readonly denied: ReadonlyMap<string, Denied>;
  readonly acp: { readonly jti: string; readonly hash: string } | null;
}

export function createBorderDirector(ports: BorderPorts): BorderDirector {
  const { engine, hosts, clock } = ports;
  const trails = new Map<string, Trail | null>();
  const due = new Set<string>();
  /** Workflows whose trails cannot be kept, and why: nothing of them crosses a border. */
  const failures = new Map<string, Refusal>();
  /** Workflows of which something is to be tried again. */
  const again = new Set<string>();
  let waiting: (() => void)[] = [];
  let pumping: Promise<void> | null = null;
  let retry: (() => void) | null = null;
  let closed = false;

  const trailOf = async (wid: string): Promise<Result<Trail | null, SubmitError>> => {
    const known = trails.get(wid);
    if (known !== undefined) return ok(known);
    const run = await engine.read((state) => state.workflows.get(wid)?.run);
    if (run === undefined) return ok(null);
    const plan = await ports.runs.plan(run);
    if (!plan.ok) return plan;
    const domains = domainsOfRun(plan.value, engine.ids.domain);
    if ((domains?.names.length ?? 0) > MOST_DOMAINS)
      return err(refusal("xd_too_many_domains", `its agents live in more than ${MOST_DOMAINS} domains`));
    const trail =
      domains === null
        ? null
        : { wid, plan: plan.value, domains, ...ports.runs.jtis(wid, plan.value), verdicts: new Map() };
    trails.set(wid, trail);
    return ok(trail);
  };

  const keep = async (wid: string): Promise<Result<void, SubmitError>> => {
    const found = await trailOf(wid);
    if (!found.ok) return found;
    if (found.value === null) return ok(undefined);
    const trail = found.value;
    // One domain that is away holds up what rests on it, and nothing else.
    let failed: Result<void, SubmitError> = await tried(() => hosts.ensure(trail.domains.names));
    const done = await readDone(wid);
    for (const index of trail.plan.order) {
      if (closed) return ok(undefined);
      const kept = await tried(() => keepTask(trail, index, done));
      if (!kept.ok && failed.ok) failed = kept;
    }
    // What was written is proved by a signed head from here on.
    for (const name of trail.domains.names) {
      const proved = await tried(async () => ok(await hosts.get(name)?.host.engine.issueHead()));
      if (!proved.ok && failed.ok) failed = proved;
    }
    return failed;
  };

  const readDone = (wid: string): Promise<Done> =>
    engine.read((state) => {
      const workflow = state.workflows.get(wid);
      const policy = state.policies.get(workflow?.acp ?? "");
      return {
        ects: new Map(workflow?.ects),
        denied: new Map(
          [...(workflow?.tasks.values() ?? [])].flatMap(({ jti, status, agent, code }) =>
            status === "refused" ? [[jti, { agent, code: code ?? "refused" }] as const] : [],
          ),
        ),
        acp: policy === undefined ? null : { jti: policy.jti, hash: policy.hash },
      };
    });

  /** A crossing as soon as what it hands on is there; the task itself when it is done and everything before it has come in. */
  const keepTask = async (trail: Trail, index: number, done: Done): Promise<Result<void, SubmitError>> => {
    const host = hosts.get(trail.domains.of[index] ?? "");
    if (host === undefined) return ok(undefined);
    let isIn = true;
    for (const crossing of trail.domains.crossings[index] ?? []) {
      const verdict = await cross(trail, crossing, done.acp);
      if (!verdict.ok) return verdict;
      isIn &&= verdict.value === null;
    }
    const jti = trail.jtis[index] ?? "";
    const ect = done.ects.get(jti);
    const denied = ect === undefined ? done.denied.get(jti) : undefined;
    if (denied !== undefined) return keepDenied(trail, index, host, denied);
    if (ect === undefined || !isIn || host.ledger.audit(trail.wid, jti) !== undefined) return ok(undefined);
    const outcome = ect.ext[ECT_EXT.outcome] === "failure" ? "failure" : "success";
    return keepAudit(trail, index, host, {
      jti,
      exec_act: trail.plan.tasks[index]?.action ?? ect.execAct,
      outcome,
      actor: { sub: ect.iss },
      // Not wrapped: its predecessors are those of the console's log, with ids of other domains among them (XDA-4).
      evidence: [{ typ: "exec+jwt", id: jti, hash: ect.digest }],
      ...(await hashesOf(ect.seq)),
    });
  };

  /** What a task took in and gave out, as its token in the console's log says it. */
  const hashesOf = async (seq: number): Promise<Pick<AuditTokenClaims, "inp_hash" | "out_hash">> => {
    for await (const [entry] of ports.storage.log.read(engine.ids.domain, seq, seq + 1)) {
      const fact = entry === undefined ? null : factOfEntry(entry);
      if (fact?.ok !== true || fact.value.typ !== "exec+jwt") continue;
      const { inp_hash, out_hash } = fact.value.claims;
      return { ...(inp_hash === undefined ? {} : { inp_hash }), ...(out_hash === undefined ? {} : { out_hash }) };
    }
    return {};
  };

  /** XA-16: what was refused is recorded like what was done, as an attempt of its own: it may be asked for again. */
  const keepDenied = async (
    trail: Trail,
    index: number,
    host: DomainHost,
    { agent, code }: Denied,
  ): Promise<Result<void, SubmitError>> => {
    const task = trail.jtis[index] ?? "";
    const jti = uuidV5(`denied ${code}`, task);
    if (host.ledger.audit(trail.wid, jti) !== undefined) return ok(undefined);
    return keepAudit(trail, index, host, {
      jti,
      exec_act: trail.plan.tasks[index]?.action ?? "",
      outcome: "denied",
      actor: { sub: agent },
      severity: "warning",
      ect_ext: { [AUDIT_EXT.task]: task, [AUDIT_EXT.code]: code },
    });
  };

  /** Null: it has come in. Undefined: what it hands on is not there yet. */
  const cross = async (
    trail: Trail,
    planned: PlannedCrossing,
    acp: Done["acp"],
  ): Promise<Result<Refusal | null | undefined, SubmitError>> => {
    const stitchId = stitchIdOf(trail.wid, planned, trail.jtis);
    const known = trail.verdicts.get(stitchId);
    if (known !== undefined) return ok(known);
    const from = hosts.get(planned.from);
    const to = hosts.get(planned.to);
    const last = planned.last.map((index) => trail.jtis[index] ?? "");
    if (from === undefined || to === undefined || !last.every((jti) => from.ledger.audit(trail.wid, jti) !== undefined))
      return ok(undefined);
    const carried = await carryCrossing(ports, { stitchId, wid: trail.wid, from, to, last, acp });
    if (!carried.ok && isTransient(carried.error)) return carried;
    // A handoff that has run out, or that its sender keeps back, comes in no more: the task that rests on it is refused.
    const verdict = carried.ok ? carried.value : asRefusal(carried.error);
    trail.verdicts.set(stitchId, verdict);
    return ok(verdict);
  };

  const keepAudit = async (
    { wid, domains, jtis }: Trail,
    index: number,
    host: DomainHost,
    about: Pick<AuditTokenClaims, "jti" | "exec_act" | "outcome"> & Partial<AuditTokenClaims>,
  ): Promise<Result<void, SubmitError>> => {
    await host.ledger.catchUp();
    if (host.ledger.audit(wid, about.jti) !== undefined) return ok(undefined);
    const before = [
      ...(domains.local[index] ?? []).map((at) => jtis[at] ?? ""),
      ...(domains.crossings[index] ?? []).map((crossing) => borderJti(stitchIdOf(wid, crossing, jtis), "in")),
    ].filter((jti) => host.ledger.audit(wid, jti) !== undefined);
    const audit = await ownAudit(
      host,
      auditClaims(host, host.host.ports.clock, { wid, pred: before.slice(0, 100), ...about }),
    );
    return audit.ok ? put(host, [audit.value]) : audit;
  };

  const pump = async (): Promise<void> => {
    while (due.size > 0 && !closed) {
      const [wid] = due;
      if (wid === undefined) break;
      due.delete(wid);
      const kept = await tried(() => keep(wid));
      if (closed) return;
      if (kept.ok) failures.delete(wid);
      else if (isTransient(kept.error)) later(wid);
      else failures.set(wid, asRefusal(kept.error));
      ports.changed();
      const told = waiting;
      waiting = [];
      for (const tell of told) tell();
    }
  };

  const later = (wid: string): void => {
    again.add(wid);
    retry ??= clock.after(AGAIN_MS, () => {
      retry = null;
      const wids = [...again];
      again.clear();
      look(wids);
    });
  };

  const look = (wids: readonly string[]): void => {
    for (const wid of wids) if (trails.get(wid) !== null) due.add(wid);
    if (due.size === 0 || closed) return;
    pumping ??= pump().finally(() => {
      pumping = null;
      if (due.size > 0) look([]);
    });
  };

  return {
    look,
    admit: async (wid, task) => {
      const asking: { again: (() => void) | null } = { again: null };
      for (let known = await trailOf(wid); !closed; known = await trailOf(wid)) {
        asking.again?.();
        if (known.ok && known.value === null) return null;
        const failed = failures.get(wid);
        if (failed !== undefined) return failed;
        const trail = known.ok ? known.value : null;
        const index = trail?.indexOf.get(task);
        // A task that is none of the run's is for the decision itself to refuse.
        if (trail !== null && index === undefined) return null;
        if (trail !== null && index !== undefined) {
          const crossings = trail.domains.crossings[index] ?? [];
          const verdicts = crossings.map((crossing) => trail.verdicts.get(stitchIdOf(wid, crossing, trail.jtis)));
          const refused = verdicts.find((verdict) => verdict !== undefined && verdict !== null);
          if (refused !== undefined && refused !== null) return refused;
          if (!verdicts.includes(undefined)) return null;
        }
        const first = asking.again === null;
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (first) look([wid]);
          asking.again = clock.after(AGAIN_MS, () => look([wid]));
        });
      }
      // The host is closed: what it was asked is asked again of the next one, and nothing is decided here any more.
      return new Promise<never>(() => undefined);
    },
    settled: async () => {
      while (pumping !== null) await pumping;
    },
    close: () => {
      closed = true;
      retry?.();
    },
  };
}

function asRefusal(error: SubmitError): Refusal {
  return "status" in error ? error : refusal("domain_unavailable", error.detail);
}
