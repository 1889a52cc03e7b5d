import type { Clock } from "../../base/ports.ts";
import { turn } from "../../base/turn.ts";
import type { Engine } from "../../engine/engine.ts";
import { HANDOFF_LIFETIME_S } from "../../protocol/audit/handoff-claims.ts";
import type { DomainHosts } from "./domain-hosts.ts";
import { findingsOf } from "./findings.ts";
import type { TrailDesk } from "./trail-desk.ts";

export interface FindingWatchPorts {
  readonly engine: Engine;
  readonly hosts: Pick<DomainHosts, "all" | "troubles">;
  readonly trails: Pick<TrailDesk, "ends">;
  readonly clock: Clock;
  /** Time has run out for a crossing that was on its way. */
  overdue(): void;
}

/**
 * Looks through what happened between domains for what does not fit, and tells of it in the console's log (XDA-32): only
 * the workflows of which there is news, one at a time, so that nothing that goes on now, a stop above all, waits for it.
 */
export interface FindingWatch {
  /** Something was written, or could not be. */
  changed(): void;
  settled(): Promise<void>;
  close(): void;
}

/** What happened is looked through this long afterwards: many crossings come at once. */
const LOOK_AFTER_MS = 500;

export function createFindingWatch({ engine, hosts, trails, clock, ...ports }: FindingWatchPorts): FindingWatch {
  let looking: (() => void) | null = null;
  let overdue: (() => void) | null = null;
  let telling: Promise<void> = Promise.resolve();
  let closed = false;
  const due = new Set<string>();
  /** By workflow, since when something of it is on its way, epoch s. */
  const announced = new Map<string, number>();
  let standing: string | null = null;

  const changed = (): void => {
    if (closed) return;
    looking ??= clock.after(LOOK_AFTER_MS, () => {
      looking = null;
      // What could not be told now is found again with the next thing that happens.
      telling = telling.then(tell).catch(() => undefined);
    });
  };
  const nowS = (): number => Math.floor(clock.nowMs() / 1000);

  /** INV-1: a crossing that is found not to hold, or that time has run out for, is an entry (XDA-S1). */
  const tell = async (): Promise<void> => {
    if (closed || engine.fault() !== null) return;
    findDue();
    // Nothing of any workflow: what is missing as a whole.
    await flag(await trails.ends([]));
    for (const wid of due) {
      await turn();
      if (closed) return;
      due.delete(wid);
      const found = await trails.ends([wid]);
      const since = found.crossings.filter(({ state }) => state === "announced").map((crossing) => crossing.since);
      if (since.length === 0) announced.delete(wid);
      else announced.set(wid, Math.min(...since));
      await flag(found).catch((error: unknown) => {
        due.add(wid);
        throw error;
      });
    }
    overdue?.();
    if (announced.size === 0 || closed) return;
    const dueMs = (Math.min(...announced.values()) + HANDOFF_LIFETIME_S + 1) * 1000 - clock.nowMs();
    overdue = clock.after(Math.max(LOOK_AFTER_MS, dueMs), () => {
      ports.overdue();
      changed();
    });
  };

  /** What there is news of, what time has run out for, and everything where a log is there, gone or damaged that was not. */
  const findDue = (): void => {
    const now = JSON.stringify([
      hosts.all().map(({ domain, host }) => [domain, host.engine.fault()?.seq ?? null]),
      [...hosts.troubles().keys()],
    ]);
    for (const { ledger } of hosts.all()) {
      const news = ledger.news();
      for (const wid of now === standing ? news : ledger.workflows()) due.add(wid);
    }
    standing = now;
    for (const [wid, since] of announced) if (nowS() - since > HANDOFF_LIFETIME_S) due.add(wid);
  };

  const flag = async (found: Parameters<typeof findingsOf>[0]): Promise<void> => {
    const findings = findingsOf(found);
    if (findings.length === 0) return;
    const known = await engine.read((state) => findings.map(({ item }) => state.findings.get(item)?.flagged?.code));
    for (const [at, { kind: finding, ...about }] of findings.entries()) {
      if (known[at] === about.code || closed) continue;
      await engine.submit({ kind: "finding_due", finding, ...about });
    }
  };

  return {
    changed,
    settled: () => telling,
    close: () => {
      closed = true;
      looking?.();
      overdue?.();
    },
  };
}
