import type { Clock, Ids, Sha256 } from "../base/ports.ts";
import type { Engine } from "../engine/engine.ts";
import type { LoggedFact } from "../engine/fact.ts";
import type { KeyValueStore } from "../engine/ports.ts";
import { meteredUse } from "./metered-task.ts";
import { dueTasks, type Issue, openCorrections, unmetered } from "./metering-due.ts";
import { issueRecords, type SetAside } from "./metering-issue.ts";
import { createMeterKeys } from "./metering-keys.ts";
import { meterFor, OWN_METER } from "./own-meter.ts";
import type { RunStore } from "./run-store.ts";

/** Tasks metered in one go: what is before the engine at once must never be much. */
const MAX_BATCH = 64;
/** After something went wrong it is tried again, ms. */
const AGAIN_AFTER_MS = 10_000;

export interface MeteringPorts {
  readonly engine: Pick<Engine, "read" | "submit" | "receive" | "ids">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly values: KeyValueStore;
  readonly runs: Pick<RunStore, "plan" | "jtis">;
  readonly sha256: Sha256;
  /** So long after a task has ended its use is metered, with that of others that ended meanwhile, ms. */
  readonly everyMs: number;
  /** It could not be metered, for the screen; null when it went well again. */
  trouble(detail: string | null): void;
  /** The records that the log did not take and that are left out, for the screen: all so far. */
  aside(records: readonly SetAside[]): void;
}

/**
 * The metering point of this gateway (XDA-14): when a task has ended it states what was used, in records of its own chain,
 * under its own key. Off the way of everything else and in batches; what is still to be metered is read from the log, so that
 * a restart neither forgets nor doubles anything. Nothing waits for it, a stop least of all (XDA-22).
 */
export interface Metering {
  facts(logged: readonly LoggedFact[]): void;
  /** Takes up what had ended from that entry on and was not metered, when the host opens. */
  open(from: number): Promise<void>;
  close(): void;
}

export function createMetering(ports: MeteringPorts): Metering {
  const { engine, clock, sha256 } = ports;
  const { domain } = engine.ids;
  /** Tasks that have ended and are not metered, by id, with their workflow. */
  const ended = new Map<string, string>();
  /** When a task was let through, epoch seconds of the log, where this host has seen it. */
  const permitted = new Map<string, number>();
  const enrolled = createMeterKeys(ports);
  /** Records that the log does not take, by their order or task; found again at the next start. */
  const aside = new Map<string, SetAside>();
  let cancel: (() => void) | null = null;
  let isRunning = false;
  let closed = false;

  const soon = (afterMs = ports.everyMs): void => {
    if (closed || cancel !== null) return;
    cancel = clock.after(afterMs, () => {
      cancel = null;
      void run();
    });
  };

  const failed = (error: unknown): void => ports.trouble(error instanceof Error ? error.message : "metering failed");

  const run = async (): Promise<void> => {
    if (isRunning || closed) return;
    isRunning = true;
    let more: number | null = null;
    try {
      more = (await corrections()) || (await batch()) ? ports.everyMs : null;
      ports.trouble(null);
    } catch (error) {
      // Accounting that fails is said and tried again; it is no reason to stop anything else.
      failed(error);
      more = AGAIN_AFTER_MS;
    }
    isRunning = false;
    if (more !== null) soon(more);
  };

  /** Meters what is due, at most a batch of it; says whether there is more. */
  const batch = async (): Promise<boolean> => {
    const asked = [...ended].slice(0, MAX_BATCH);
    if (asked.length === 0) return false;
    await enrolled(OWN_METER);
    const due = await engine.read((state) => dueTasks(state, domain, asked, permitted));
    const uses: Issue[] = [];
    for (const { task, run: digest, account } of due) {
      const plan = await ports.runs.plan(digest);
      const index = plan.ok ? ports.runs.jtis(task.wid, plan.value).indexOf.get(task.jti) : undefined;
      const recorded = plan.ok && index !== undefined ? plan.value.tasks[index] : undefined;
      const use = meteredUse(task, recorded, plan.ok ? plan.value.run : undefined, account);
      uses.push({ use, mpId: meterFor(use.payer, domain, sha256) });
    }
    const issued = await issueRecords({ ...ports, enrolled }, uses);
    const again = new Set<string>();
    for (const [at, one] of issued.entries()) {
      const task = uses[at]?.use.task;
      if (one.is === "again" && task !== undefined) again.add(task);
      if (one.is === "aside") setAside(one.why);
    }
    for (const [jti] of asked) {
      // Of its place in the chain another one is made, from what is known of it here.
      if (again.has(jti)) continue;
      ended.delete(jti);
      permitted.delete(jti);
    }
    return ended.size > 0;
  };

  const setAside = (why: SetAside): void => {
    aside.set(why.order ?? why.task, why);
    ports.aside([...aside.values()]);
  };

  /** Corrections that finance ordered (XDA-18); says whether there were any. */
  const corrections = async (): Promise<boolean> => {
    const nowS = Math.floor(clock.nowMs() / 1000);
    const open = (await engine.read((state) => openCorrections(state, nowS))).filter(
      ({ correction }) => !aside.has(correction?.ordered_by ?? ""),
    );
    for (const one of await issueRecords({ ...ports, enrolled }, open)) if (one.is === "aside") setAside(one.why);
    return open.length > 0;
  };

  const noteFact = ({ fact, receivedAt }: LoggedFact): void => {
    if (fact.typ === "record+jwt" && fact.claims.kind === "permitted") {
      const { task } = fact.claims.data;
      if (typeof task === "string") permitted.set(task, receivedAt);
      return;
    }
    if (fact.typ === "usage-correction+jwt") soon();
    if (fact.typ !== "exec+jwt" || fact.claims.wid === undefined || fact.claims.exec_act === "run_start") return;
    ended.set(fact.claims.jti, fact.claims.wid);
    soon();
  };

  return {
    facts: (logged) => {
      for (const fact of logged) noteFact(fact);
    },
    open: async (from) => {
      for (const [jti, wid] of await engine.read((state) => unmetered(state, from))) ended.set(jti, wid);
      soon();
    },
    close: () => {
      closed = true;
      cancel?.();
    },
  };
}
