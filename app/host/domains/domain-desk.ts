import type { Engine } from "../../engine/engine.ts";
import { HANDOFF_LIFETIME_S } from "../../protocol/audit/handoff-claims.ts";
import type { StitchedTrail } from "../../protocol/audit/stitch.ts";
import { type BorderDirector, type BorderPorts, createBorderDirector } from "./border-director.ts";
import { createDomainHosts, type DomainHosts, type DomainHostsPorts } from "./domain-hosts.ts";
import { profileOf } from "./domain-profiles.ts";
import { findingsOf, stitchedOf } from "./stitched.ts";

export interface DomainDeskPorts
  extends Omit<BorderPorts, "hosts" | "changed">,
    Omit<DomainHostsPorts, "changed" | "profile"> {
  readonly engine: Engine;
  readonly profile: DomainHostsPorts["profile"] | undefined;
  changed(): void;
}

/** The domains beside the console's own, once there are any: their hosts, their borders, and what is found between them. */
export interface DomainDesk {
  readonly hosts: DomainHosts;
  readonly borders: BorderDirector;
  trail(wid: string | null): StitchedTrail;
  /** Resolves when nothing is under way, what was found included. */
  settled(): Promise<void>;
  close(): void;
}

/** What happened is looked through for what does not fit this long afterwards: many crossings come at once. */
const LOOK_AFTER_MS = 500;

export async function openDomainDesk(ports: DomainDeskPorts): Promise<DomainDesk> {
  const { engine, clock } = ports;
  let looking: (() => void) | null = null;
  let overdue: (() => void) | null = null;
  let telling: Promise<void> = Promise.resolve();
  let closed = false;

  const changed = (): void => {
    if (closed) return;
    ports.changed();
    looking ??= clock.after(LOOK_AFTER_MS, () => {
      looking = null;
      // What could not be told now is found again with the next thing that happens.
      telling = telling.then(tell).catch(() => undefined);
    });
  };
  const hosts = createDomainHosts({ ...ports, profile: ports.profile ?? profileOf, changed });
  const borders = createBorderDirector({ ...ports, hosts, changed });
  const nowS = (): number => Math.floor(clock.nowMs() / 1000);
  const trail = (wid: string | null): StitchedTrail => stitchedOf(hosts, wid, nowS());

  /** INV-1: a crossing that is found not to hold, or that time has run out for, is an entry (XDA-S1). */
  const tell = async (): Promise<void> => {
    if (closed || engine.fault() !== null) return;
    const found = trail(null);
    const known = await engine.read(
      (state) => new Map([...state.findings].map(([item, of]) => [item, of.flagged?.code])),
    );
    for (const { kind: finding, ...about } of findingsOf(found)) {
      if (known.get(about.item) === about.code || closed) continue;
      await engine.submit({ kind: "finding_due", finding, ...about });
    }
    overdue?.();
    const announced = found.crossings.filter(({ state }) => state === "announced").map(({ since }) => since);
    if (announced.length === 0 || closed) return;
    const dueMs = (Math.min(...announced) + HANDOFF_LIFETIME_S + 1) * 1000 - clock.nowMs();
    overdue = clock.after(Math.max(LOOK_AFTER_MS, dueMs), changed);
  };

  try {
    const opened = await hosts.open();
    if (!opened.ok) throw new Error(opened.error.detail);
  } catch (error) {
    // Whoever asks again opens them anew: no log has two hosts.
    hosts.close();
    throw error;
  }
  changed();
  return {
    hosts,
    borders,
    trail,
    settled: async () => {
      await borders.settled();
      await telling;
      await Promise.all(hosts.all().map(({ host }) => host.engine.idle()));
    },
    close: () => {
      closed = true;
      looking?.();
      overdue?.();
      borders.close();
      hosts.close();
    },
  };
}
