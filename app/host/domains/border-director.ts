import type { Clock, Ids } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { slices } from "../../base/steps.ts";
import type { Engine, SubmitError } from "../../engine/engine.ts";
import { isTransient } from "../../engine/patient-engine.ts";
import type { Storage } from "../../engine/ports.ts";
import type { HeldEct } from "../../engine/state.ts";
import { crossingId } from "../../protocol/audit/pseudonym.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { RunStore } from "../run-store.ts";
import { carryCrossing } from "./crossing.ts";
import type { DomainHosts } from "./domain-hosts.ts";
import { domainsOfRun, MOST_DOMAINS, type PlannedCrossing, plannedKey } from "./run-domains.ts";
import { createTrailRecords, type Denied, type Trail } from "./trail-records.ts";
import { createTrailWork } from "./trail-work.ts";
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

/** What the console's log has of a workflow's tasks of which more was to be heard, by task index, and its policy. */
interface Done {
  readonly ects: ReadonlyMap<number, HeldEct>;
  readonly denied: ReadonlyMap<number, Denied>;
  readonly acp: { readonly jti: string; readonly hash: string } | null;
}

export function createBorderDirector(ports: BorderPorts): BorderDirector {
  const { engine, hosts, clock } = ports;
  const { keepDone, keepDenied } = createTrailRecords(ports);
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
        : {
            ...{ wid, plan: plan.value, domains, ...ports.runs.jtis(wid, plan.value) },
            ...{ verdicts: new Map(), work: createTrailWork(plan.value, domains), unproved: new Set(domains.names) },
          };
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
    const { work, unproved } = trail;
    const done = await readDone(trail);
    const breathe = slices(clock);
    for (let due = work.next(-1); due !== null; due = work.next(due.place)) {
      await breathe();
      if (closed) return ok(undefined);
      const { index } = due;
      const kept = await tried(() => keepTask(trail, index, done));
      if (kept.ok && kept.value) work.done(index);
      if (!kept.ok && failed.ok) failed = kept;
    }
    // What was written is proved by a signed head from here on.
    for (const name of [...unproved]) {
      const proved = await tried(async () => ok(await hosts.get(name)?.host.engine.issueHead()));
      if (proved.ok) unproved.delete(name);
      else if (failed.ok) failed = proved;
    }
    return failed;
  };

  const readDone = ({ wid, work, jtis }: Trail): Promise<Done> =>
    engine.read((state) => {
      const workflow = state.workflows.get(wid);
      const policy = state.policies.get(workflow?.acp ?? "");
      const ects = new Map<number, HeldEct>();
      const denied = new Map<number, Denied>();
      for (const index of work.open()) {
        const jti = jtis[index] ?? "";
        const ect = workflow?.ects.get(jti);
        const task = workflow?.tasks.get(jti);
        const code = ect === undefined && task?.status === "refused" ? (task.code ?? "refused") : null;
        if (ect !== undefined) ects.set(index, ect);
        if (code !== null && task !== undefined) denied.set(index, { agent: task.agent, code });
        work.heard(index, ect?.digest ?? code ?? "");
      }
      return { ects, denied, acp: policy === undefined ? null : { jti: policy.jti, hash: policy.hash } };
    });

  /**
   * A crossing as soon as what it hands on is there; the task itself when it is done and everything before it has come in.
   * False where a domain it needs is not open.
   */
  const keepTask = async (trail: Trail, index: number, done: Done): Promise<Result<boolean, SubmitError>> => {
    const host = hosts.get(trail.domains.of[index] ?? "");
    const crossings = trail.domains.crossings[index] ?? [];
    if (host === undefined) return ok(false);
    let isIn = true;
    for (const crossing of crossings) {
      const verdict = await cross(trail, crossing, done.acp);
      if (!verdict.ok) return verdict;
      isIn &&= verdict.value === null;
    }
    const isOpen = crossings.every(({ from }) => hosts.get(from) !== undefined);
    const jti = trail.jtis[index] ?? "";
    const ect = done.ects.get(index);
    const denied = done.denied.get(index);
    if (denied !== undefined) {
      const kept = await keepDenied(trail, index, host, denied);
      return kept.ok ? ok(isOpen) : kept;
    }
    if (host.ledger.audit(trail.wid, jti) !== undefined) trail.work.kept(index);
    else if (ect !== undefined && isIn) {
      const kept = await keepDone(trail, index, host, ect);
      if (!kept.ok) return kept;
      trail.work.kept(index);
    }
    return ok(isOpen);
  };

  /** Null: it has come in. Undefined: what it hands on is not there yet. */
  const cross = async (
    trail: Trail,
    planned: PlannedCrossing,
    acp: Done["acp"],
  ): Promise<Result<Refusal | null | undefined, SubmitError>> => {
    const known = trail.verdicts.get(plannedKey(planned));
    if (known !== undefined) return ok(known.refusal);
    const from = hosts.get(planned.from);
    const to = hosts.get(planned.to);
    if (from === undefined || to === undefined) return ok(undefined);
    const last = planned.last.map((index) => trail.jtis[index] ?? "");
    const digests = last.flatMap((jti) => from.ledger.audit(trail.wid, jti)?.digest ?? []);
    if (digests.length < last.length) return ok(undefined);
    const pair = await hosts.pairKeys.of(from.domain, to.domain);
    if (!pair.ok) return pair;
    const stitchId = await crossingId(pair.value.key, { from: from.domain, to: to.domain, last: digests });
    for (const { domain } of [from, to]) trail.unproved.add(domain);
    const carried = await carryCrossing(ports, { stitchId, wid: trail.wid, from, to, last, acp });
    if (!carried.ok && isTransient(carried.error)) return carried;
    // A handoff that has run out, or that its sender keeps back, comes in no more: the task that rests on it is refused.
    const verdict = carried.ok ? carried.value : asRefusal(carried.error);
    trail.verdicts.set(plannedKey(planned), { stitchId, refusal: verdict });
    return ok(verdict);
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
          const verdicts = crossings.map((crossing) => trail.verdicts.get(plannedKey(crossing)));
          const refused = verdicts.find((verdict) => verdict !== undefined && verdict.refusal !== null);
          if (refused !== undefined) return refused.refusal;
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
