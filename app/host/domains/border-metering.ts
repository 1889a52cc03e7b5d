import pLimit from "p-limit";
import type { Clock, Ids, Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { tariffFor } from "../../engine/accounting/accounting-state.ts";
import { unsettledFrom } from "../../engine/accounting/unsettled.ts";
import type { Engine } from "../../engine/engine.ts";
import type { RunPlan } from "../../engine/workflow/plan.ts";
import type { LedgerRecord } from "../../protocol/audit/accounting/ledger.ts";
import type { UsageItem } from "../../protocol/audit/accounting/usage-record.ts";
import type { HostKey } from "../host-keys.ts";
import { type EndedTask, endedTask, type MeteredUse, meteredUse } from "../metered-task.ts";
import { type Issue, openCorrections } from "../metering-due.ts";
import { type Issued, issueRecords, type SetAside } from "../metering-issue.ts";
import { createMeterKeys } from "../metering-keys.ts";
import { counterMeterFor, meterFor } from "../own-meter.ts";
import type { RunStore } from "../run-store.ts";
import { askersOf } from "./asked-by.ts";
import type { DomainHost, DomainHosts } from "./domain-hosts.ts";
import { domainsOfRun } from "./run-domains.ts";
import { bringMessages, type Undelivered } from "./settlement-messages.ts";

export interface BorderMeteringPorts {
  /** The console's own. */
  readonly engine: Pick<Engine, "read" | "ids" | "keyOf">;
  readonly runs: Pick<RunStore, "plan" | "jtis">;
  readonly hosts: Pick<DomainHosts, "get" | "all">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sha256: Sha256;
  changed(): void;
}

/**
 * What domains of this console did for each other (XDA-80): who did a task that came over a border meters it against who asked
 * for it, in a chain of its own, under its own key, in its own log; who asked counts it too, in its own log, from what the
 * enforcement point of the console has stated of it (XDA-81). What is due is read from the logs, so that a restart neither
 * forgets nor doubles anything. Nothing waits for it (XDA-22).
 */
export interface BorderMetering {
  /** There may be something to meter in these workflows, or in those of which something is not metered yet. */
  look(wids: readonly string[]): void;
  /** Why nothing is metered at a domain now; null where it goes well. */
  trouble(domain: string): string | null;
  /** Records that a domain's log did not take (XDA-52). */
  aside(domain: string): readonly SetAside[];
  /**
   * What one domain says of a settlement: after all that was said to it, and brought to the other side; messages that its log did
   * not take. Nobody else says anything meanwhile, so that no two messages answer the same one.
   */
  say<T>(
    domain: string,
    saying: () => Promise<T>,
  ): Promise<Result<{ readonly said: T; readonly left: readonly Undelivered[] }, Undelivered>>;
  settled(): Promise<void>;
  close(): void;
}

/** So long after something happened it is looked at, with what happened meanwhile, ms. */
const SOON_MS = 500;
/** After something went wrong it is tried again, ms. */
const AGAIN_MS = 10_000;
const MESSAGES = "messages";
/** Tasks in one go: what is before an engine at once must never be much. */
const MAX_BATCH = 64;

/** A workflow across domains, with who asked for which task; tasks that are not metered on both sides. */
interface Shared {
  readonly plan: RunPlan;
  readonly of: readonly (string | null)[];
  readonly askers: readonly (string | null)[];
  readonly jtis: readonly string[];
  readonly open: Set<number>;
}

/** A task as the console's log has it, with what its enforcement point stated that it used. */
interface Stated {
  readonly index: number;
  readonly doer: DomainHost;
  readonly asker: DomainHost;
  readonly ended: EndedTask;
  readonly from: number;
  readonly to: number;
  readonly record: LedgerRecord;
}

export function createBorderMetering(ports: BorderMeteringPorts): BorderMetering {
  const { engine, hosts, clock, sha256 } = ports;
  const shared = new Map<string, Shared | null>();
  const due = new Set<string>();
  const keys = new Map<DomainHost, (mpId: string) => Promise<HostKey>>();
  /** By what failed: a workflow, the corrections of a domain, or bringing messages. */
  const troubles = new Map<string, string>();
  const asides = new Map<string, Map<string, SetAside>>();
  let timer: (() => void) | null = null;
  let running: Promise<void> | null = null;
  let closed = false;

  const soon = (afterMs: number): void => {
    if (closed || timer !== null) return;
    timer = clock.after(afterMs, () => {
      timer = null;
      running ??= run().finally(() => {
        running = null;
      });
    });
  };

  const run = async (): Promise<void> => {
    let again: number | null = null;
    for (const of of hosts.all()) if (!(await tried(of.domain, () => corrections(of)))) again = AGAIN_MS;
    // One that cannot take its messages now keeps them from no other.
    if ((await tried(MESSAGES, messages)) === undefined) again = AGAIN_MS;
    for (const wid of [...due]) {
      if (closed) return;
      due.delete(wid);
      const left = await tried(wid, () => meter(wid));
      if (left === undefined || left === "again") {
        due.add(wid);
        again = left === undefined ? AGAIN_MS : (again ?? SOON_MS);
      }
    }
    if (again !== null) soon(again);
  };

  /** Undefined where it failed; accounting that fails is said, and is no reason to stop anything else. */
  const tried = async <T>(what: string, doing: () => Promise<T>): Promise<T | undefined> => {
    const before = troubles.get(what);
    try {
      const done = await doing();
      troubles.delete(what);
      if (before !== undefined) ports.changed();
      return done;
    } catch (error) {
      const detail = error instanceof Error ? error.message : "metering failed";
      troubles.set(what, detail);
      if (before !== detail) ports.changed();
      return undefined;
    }
  };

  const sharedOf = async (wid: string): Promise<Shared | null> => {
    const known = shared.get(wid);
    if (known !== undefined) return known;
    const workflow = await engine.read((state) => {
      const found = state.workflows.get(wid);
      return found === undefined ? null : { run: found.run, isDrill: found.drill !== null };
    });
    if (workflow === null) return null;
    // A rehearsal is charged to nobody.
    const digest = workflow.isDrill ? null : workflow.run;
    const plan = digest === null ? null : await ports.runs.plan(digest);
    if (plan?.ok === false) throw new Error(plan.error.detail);
    const domains = plan === null ? null : domainsOfRun(plan.value, engine.ids.domain);
    let made: Shared | null = null;
    if (plan !== null && domains !== null) {
      const askers = askersOf(domains, plan.value.order);
      const open = new Set(plan.value.order.filter((index) => askers[index] !== null));
      made = { plan: plan.value, of: domains.of, askers, jtis: ports.runs.jtis(wid, plan.value).jtis, open };
    }
    shared.set(wid, made);
    return made;
  };

  /** Meters what is due of a workflow; `again` where there is more that can be metered now. */
  const meter = async (wid: string): Promise<"again" | "done"> => {
    const work = await sharedOf(wid);
    if (work === null || work.open.size === 0) return "done";
    const stated = await statedIn(wid, work);
    const now = stated.slice(0, MAX_BATCH);
    const doers = new Map<DomainHost, Issue[]>();
    for (const one of now) {
      const { doer, asker } = one;
      const [done, counted] = await Promise.all([isMetered(doer, one.record.task), isMetered(asker, one.record.task)]);
      if (!done) noteIssue(doers, doer, await doneBy(doer, asker, work, one));
      if (!counted) noteIssue(doers, asker, countedBy(asker, doer, one));
      if (done && counted) work.open.delete(one.index);
    }
    let issued = 0;
    for (const [of, uses] of doers) {
      issued += uses.length;
      const answers = await issue(of, uses);
      for (const [at, answer] of answers.entries())
        if (answer.is === "aside") noteAside(of.domain, answer.why, work, uses[at]);
    }
    if (issued > 0) ports.changed();
    // Once more, to see that all of it is there.
    return issued > 0 || stated.length > now.length ? "again" : "done";
  };

  const noteAside = (domain: string, why: SetAside, work?: Shared, of?: Issue): void => {
    const known = asides.get(domain) ?? new Map<string, SetAside>();
    asides.set(domain, known.set(why.order ?? why.task, why));
    const index = work?.jtis.indexOf(of?.use.task ?? "");
    if (index !== undefined) work?.open.delete(index);
  };

  /**
   * Tasks that were asked for over a border and can be metered now, in the order of the run: one more than goes at once, where
   * there is. A domain that is not open now, or has no record of a task yet, holds up no other: it is looked at again when it says
   * something.
   */
  const statedIn = (wid: string, { open, jtis, of, askers }: Shared): Promise<Stated[]> =>
    engine.read((state) => {
      const found: Stated[] = [];
      const tasks = state.workflows.get(wid)?.tasks;
      for (const index of open) {
        if (found.length > MAX_BATCH) break;
        const jti = jtis[index] ?? "";
        const task = tasks?.get(jti);
        const [doer, asker] = [hosts.get(of[index] ?? ""), hosts.get(askers[index] ?? "")];
        if (task === undefined || doer?.ledger.audit(wid, jti) === undefined || asker === undefined) continue;
        const record = (state.accounting.byTask.get(jti) ?? [])
          .map((id) => state.accounting.records.get(id))
          .find((one) => one !== undefined && one.correctionOf === null);
        // People of the console decided: no domain of the run gave it their time.
        const ended = record === undefined ? null : endedTask(wid, task, record.period.from, []);
        if (record === undefined || ended === null) continue;
        const from = task.ect?.iat ?? task.at;
        found.push({ ...{ index, doer, asker, ended, from, record }, to: Math.max(task.at, from) });
      }
      return found;
    });

  /** What a domain did for another one, as its own metering point states it. */
  const doneBy = async (doer: DomainHost, asker: DomainHost, work: Shared, one: Stated): Promise<Issue> => {
    const { ended, index, record } = one;
    const payer = asker.domain;
    const found = await doer.host.engine.read(({ accounting }) => {
      // Who pays the console for this very task already is not billed for it a second time, inside.
      const tariff = record.payer === payer ? null : tariffFor(accounting, payer, ended.wid, ended.endedAt);
      const owed = { payee: doer.domain, payer, currency: tariff?.currency };
      return { tariff, startedAt: unsettledFrom(accounting, owed, ended.startedAt) };
    });
    const use = meteredUse({ ...ended, startedAt: found.startedAt }, work.plan.tasks[index], work.plan.run, {
      payer,
      tariff: found.tariff,
    });
    return { use, mpId: meterFor(payer, doer.domain, sha256), task: taskOf(one) };
  };

  /** The same task as who asked for it counts it: what the console's enforcement point stated, priced by nobody. */
  const countedBy = (asker: DomainHost, doer: DomainHost, one: Stated): Issue => {
    const { record } = one;
    const use: MeteredUse = {
      ...{ wid: record.wid, consumer: record.consumer, payer: asker.domain, task: record.task, period: record.period },
      items: record.items.flatMap(({ resource, quantity, unit, estimated, model }): UsageItem[] =>
        resource === "human_review"
          ? []
          : [
              {
                ...{ resource, quantity, unit, estimated },
                attrs: { source: "enforcement_point", ...(model === null ? {} : { model }) },
              },
            ],
      ),
      act: { sub: record.consumer, done_by: doer.domain },
    };
    return { use, mpId: counterMeterFor(doer.domain, sha256), task: taskOf(one) };
  };

  const issue = (of: DomainHost, uses: readonly Issue[]): Promise<Issued[]> => {
    const { engine: log, ports: at } = of.host;
    const enrolled = keys.get(of) ?? createMeterKeys({ engine: log, values: at.storage.values });
    keys.set(of, enrolled);
    return issueRecords({ engine: log, clock: at.clock, ids: ports.ids, sha256, enrolled }, uses);
  };

  /** Corrections that finance ordered in a domain's log (XDA-18). */
  const corrections = async (of: DomainHost): Promise<true> => {
    const nowS = Math.floor(of.host.ports.clock.nowMs() / 1000);
    const aside = asides.get(of.domain);
    const open = (await of.host.engine.read((state) => openCorrections(state, nowS))).filter(
      ({ correction }) => aside?.has(correction?.ordered_by ?? "") !== true,
    );
    if (open.length === 0) return true;
    for (const one of await issue(of, open)) if (one.is === "aside") noteAside(of.domain, one.why);
    ports.changed();
    return true;
  };

  const inTurn = pLimit(1);
  const brought = async (
    isMeant: (from: DomainHost, to: DomainHost) => boolean = () => true,
  ): Promise<readonly Undelivered[]> => {
    const left: Undelivered[] = [];
    for (const from of hosts.all())
      for (const to of hosts.all())
        if (from !== to && isMeant(from, to)) left.push(...(await bringMessages(engine, from, to)));
    return left;
  };
  /** Messages that could not be brought now, whatever became of the others. */
  const messages = async (): Promise<true> => {
    const late = (await inTurn(() => brought())).find(({ retry }) => retry);
    if (late !== undefined) throw new Error(late.detail);
    return true;
  };

  return {
    say: (domain, saying) =>
      inTurn(async () => {
        const late = (await brought((_from, to) => to.domain === domain)).find(({ retry }) => retry);
        if (late !== undefined) return err(late);
        const said = await saying();
        return ok({ said, left: await brought((from) => from.domain === domain) });
      }),
    look: (wids) => {
      for (const wid of wids) due.add(wid);
      for (const [wid, work] of shared) if (work !== null && work.open.size > 0) due.add(wid);
      soon(SOON_MS);
    },
    // That of a workflow, or of messages, is everybody's.
    trouble: (domain) =>
      troubles.get(domain) ?? [...troubles].find(([what]) => hosts.get(what) === undefined)?.[1] ?? null,
    aside: (domain) => [...(asides.get(domain)?.values() ?? [])],
    settled: async () => {
      while (running !== null) await running;
    },
    close: () => {
      closed = true;
      timer?.();
    },
  };
}

const isMetered = ({ host }: DomainHost, task: string): Promise<boolean> =>
  host.engine.read((state) => state.accounting.byTask.has(task));

const taskOf = ({ record, from, to }: Stated): NonNullable<Issue["task"]> => ({
  ...{ agent: record.consumer, wid: record.wid, from, to },
});

function noteIssue(of: Map<DomainHost, Issue[]>, host: DomainHost, one: Issue): void {
  const known = of.get(host);
  if (known === undefined) of.set(host, [one]);
  else known.push(one);
}
