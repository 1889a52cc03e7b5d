import type { Result } from "../../base/result.ts";
import type { Engine } from "../../engine/engine.ts";
import type { StitchedTrail } from "../../protocol/audit/stitch.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";
import type { AskedDomains } from "./asking.ts";
import { type BorderDirector, type BorderPorts, createBorderDirector } from "./border-director.ts";
import { createDomainHosts, type DomainHosts, type DomainHostsPorts } from "./domain-hosts.ts";
import { profileOf } from "./domain-profiles.ts";
import { createFindingWatch, type FindingWatch } from "./finding-watch.ts";
import { stitchedOf } from "./stitched.ts";

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
  /** Asks the domains that a signed `audit-query+jwt` is addressed to (X4); so long at most, ms. */
  ask(compact: string, withinMs?: number): Promise<Result<AskedDomains, Refusal>>;
  /** Resolves when nothing is under way, what was found included. */
  settled(): Promise<void>;
  close(): void;
}

export async function openDomainDesk(ports: DomainDeskPorts): Promise<DomainDesk> {
  const { engine, clock } = ports;
  let watch: FindingWatch | null = null;
  const changed = (): void => {
    ports.changed();
    watch?.changed();
  };
  const hosts = createDomainHosts({ ...ports, profile: ports.profile ?? profileOf, changed });
  const borders = createBorderDirector({ ...ports, hosts, changed });
  const nowS = (): number => Math.floor(clock.nowMs() / 1000);
  const trail = (wid: string | null): StitchedTrail => stitchedOf(hosts, wid, nowS());

  watch = createFindingWatch({ engine, hosts, clock, overdue: ports.changed });

  try {
    const opened = await hosts.open();
    if (!opened.ok) throw new Error(opened.error.detail);
  } catch (error) {
    // Whoever asks again opens them anew: no log has two hosts.
    watch.close();
    hosts.close();
    throw error;
  }
  changed();
  return {
    hosts,
    borders,
    trail,
    ask: async (compact, withinMs) => {
      const { askDomains } = await import("./asking.ts");
      return askDomains({ console: engine, ids: ports.ids, hosts, clock }, compact, withinMs);
    },
    settled: async () => {
      await borders.settled();
      await watch?.settled();
      await Promise.all(hosts.all().map(({ host }) => host.engine.idle()));
    },
    close: () => {
      watch?.close();
      borders.close();
      hosts.close();
    },
  };
}
