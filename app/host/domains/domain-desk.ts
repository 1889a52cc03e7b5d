import type { Result } from "../../base/result.ts";
import type { Engine, SubmitError } from "../../engine/engine.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";
import type { AskedDomains } from "./asking.ts";
import { type BorderDirector, type BorderPorts, createBorderDirector } from "./border-director.ts";
import type { Decided, HeldAt, HeldInFull } from "./deciding.ts";
import { createDomainHosts, type DomainHosts, type DomainHostsPorts } from "./domain-hosts.ts";
import { profileOf } from "./domain-profiles.ts";
import { createErasureWatch, type ErasureWatch } from "./erasure.ts";
import { createFindingWatch, type FindingWatch } from "./finding-watch.ts";
import type { OwnHost } from "./own-seat.ts";
import { createTrailDesk, type TrailDesk } from "./trail-desk.ts";

export interface DomainDeskPorts
  extends Omit<BorderPorts, "hosts" | "changed">,
    Omit<DomainHostsPorts, "changed" | "profile"> {
  readonly engine: Engine;
  readonly profile: DomainHostsPorts["profile"] | undefined;
  /** The console's own domain, as it answers questions to its trail. */
  own(): OwnHost;
  changed(): void;
}

/** The domains beside the console's own, once there are any: their hosts, their borders, and what is found between them. */
export interface DomainDesk {
  readonly hosts: DomainHosts;
  readonly borders: BorderDirector;
  readonly trails: TrailDesk;
  /** Asks the domains that a signed `audit-query+jwt` is addressed to (X4); so long at most, ms. */
  ask(compact: string, withinMs?: number): Promise<Result<AskedDomains, Refusal>>;
  /** Questions that wait for an operator of their domain, or did (XDA-S7); one of them with what would be told; a decision. */
  readonly questions: {
    all(): Promise<readonly HeldAt[]>;
    one(domain: string, jti: string): Promise<Result<HeldInFull, SubmitError>>;
    decide(compact: string): Promise<Result<Decided, SubmitError>>;
  };
  /** Resolves when nothing is under way, what was found included. */
  settled(): Promise<void>;
  close(): void;
}

export async function openDomainDesk(ports: DomainDeskPorts): Promise<DomainDesk> {
  const { engine, clock } = ports;
  let watch: FindingWatch | null = null;
  let erasures: ErasureWatch | null = null;
  const changed = (): void => {
    ports.changed();
    watch?.changed();
    erasures?.changed();
  };
  const hosts = createDomainHosts({ ...ports, profile: ports.profile ?? profileOf, changed });
  const borders = createBorderDirector({ ...ports, hosts, changed });
  const trails = createTrailDesk({ hosts, clock });
  const asking = { console: engine, ids: ports.ids, hosts, clock, own: ports.own };
  watch = createFindingWatch({ engine, hosts, trails, clock, overdue: ports.changed });

  erasures = createErasureWatch({ hosts, ids: ports.ids });
  try {
    const opened = await hosts.open();
    if (!opened.ok) throw new Error(opened.error.detail);
  } catch (error) {
    // Whoever asks again opens them anew: no log has two hosts.
    watch.close();
    erasures.close();
    hosts.close();
    throw error;
  }
  changed();
  return {
    hosts,
    borders,
    trails,
    ask: async (compact, withinMs) => {
      const { askDomains } = await import("./asking.ts");
      return askDomains(asking, compact, withinMs);
    },
    questions: {
      all: async () => (await import("./deciding.ts")).heldQuestions(asking),
      one: async (domain, jti) => (await import("./deciding.ts")).heldQuestion(asking, domain, jti),
      decide: async (compact) => (await import("./deciding.ts")).decideQuestion(asking, compact),
    },
    settled: async () => {
      await borders.settled();
      await watch?.settled();
      await Promise.all(hosts.all().map(({ host }) => host.engine.idle()));
    },
    close: () => {
      watch?.close();
      erasures?.close();
      borders.close();
      hosts.close();
    },
  };
}
