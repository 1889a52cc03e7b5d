import type { Result } from "../../base/result.ts";
import type { Engine, SubmitError } from "../../engine/engine.ts";
import type { Unavailable } from "../../engine/ports.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";
import type { AskedBook } from "./asked-book.ts";
import type { AskedNow } from "./asked-state.ts";
import type { AskedDomains } from "./asking.ts";
import { type BorderDirector, type BorderPorts, createBorderDirector } from "./border-director.ts";
import { type BorderMetering, createBorderMetering } from "./border-metering.ts";
import type { Decided, HeldAt, HeldInFull } from "./deciding.ts";
import { createDomainHosts, type DomainHosts, type DomainHostsPorts } from "./domain-hosts.ts";
import { profileOf } from "./domain-profiles.ts";
import { createErasureWatch, type ErasureWatch } from "./erasure.ts";
import { createFindingWatch, type FindingWatch } from "./finding-watch.ts";
import type { Ordered } from "./ordering.ts";
import type { OwnHost } from "./own-seat.ts";
import { createTrailDesk, type TrailDesk } from "./trail-desk.ts";
import type { UndoAsked, UndoDesk } from "./undo-desk.ts";

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
  /** What its domains did for each other. */
  readonly metering: BorderMetering;
  readonly trails: TrailDesk;
  /** Asks the domains that a signed `audit-query+jwt` is addressed to (X4); so long at most, ms. */
  ask(compact: string, withinMs?: number): Promise<Result<AskedDomains, Refusal | Unavailable>>;
  /** What this console's people asked, and what became of it (XDA-77). */
  asked(): Promise<readonly AskedNow[]>;
  /** Questions that wait for an operator of their domain, or did (XDA-S7); one of them with what would be told; a decision. */
  readonly questions: {
    all(): Promise<readonly HeldAt[]>;
    one(domain: string, jti: string): Promise<Result<HeldInFull, SubmitError>>;
    decide(compact: string): Promise<Result<Decided, SubmitError>>;
  };
  /** Gives one of the domains a person's `domain-order+jwt` (XDA-72, XDA-13). */
  order(compact: string): Promise<Result<Ordered, SubmitError>>;
  /** A domain's gateway answers a request of a rollback (CAS-36). */
  undo(asked: UndoAsked): Promise<readonly string[]>;
  /** Resolves when nothing is under way, what was found included. */
  settled(): Promise<void>;
  close(): void;
}

export async function openDomainDesk(ports: DomainDeskPorts): Promise<DomainDesk> {
  const { engine, clock } = ports;
  let watch: FindingWatch | null = null;
  let erasures: ErasureWatch | null = null;
  let metering: BorderMetering | null = null;
  let undoing: Promise<UndoDesk | null> | null = null;
  const changed = (): void => {
    ports.changed();
    watch?.changed();
    erasures?.changed();
    metering?.look([]);
  };
  const hosts = createDomainHosts({ ...ports, profile: ports.profile ?? profileOf, changed });
  const borders = createBorderDirector({ ...ports, hosts, changed });
  const trails = createTrailDesk({ hosts, clock });
  const asking = { console: engine, ids: ports.ids, hosts, clock, own: ports.own };
  const askedBook = async (): Promise<AskedBook> =>
    (await import("./asked-book.ts")).createAskedBook({ ...ports, console: engine, values: ports.storage.values });
  const meters = createBorderMetering({ ...ports, hosts, changed: ports.changed });
  metering = meters;
  watch = createFindingWatch({ engine, hosts, trails, clock, overdue: ports.changed });

  erasures = createErasureWatch({ hosts, ids: ports.ids });
  try {
    const opened = await hosts.open();
    if (!opened.ok) throw new Error(opened.error.detail);
  } catch (error) {
    // Whoever asks again opens them anew: no log has two hosts.
    watch.close();
    erasures.close();
    meters.close();
    hosts.close();
    throw error;
  }
  changed();
  return {
    hosts,
    borders,
    metering: meters,
    trails,
    ask: async (compact, withinMs) => {
      const [{ askDomains }, book] = await Promise.all([import("./asking.ts"), askedBook()]);
      const noted = await book.asking(compact);
      if (!noted.ok) return noted;
      const asked = await askDomains(asking, compact, withinMs);
      if (asked.ok) await book.answered(compact, asked.value.replies);
      ports.changed();
      return asked;
    },
    asked: async () => (await import("./asked-state.ts")).askedQuestions(asking, await askedBook()),
    questions: {
      all: async () => (await import("./deciding.ts")).heldQuestions(asking),
      one: async (domain, jti) => (await import("./deciding.ts")).heldQuestion(asking, domain, jti),
      decide: async (compact) => (await import("./deciding.ts")).decideQuestion(asking, compact),
    },
    order: async (compact) => (await import("./ordering.ts")).orderDomain(asking, compact),
    undo: async (asked) => {
      undoing ??= import("./undo-desk.ts").then(
        ({ createUndoDesk }) => createUndoDesk({ ...ports, hosts, borders }),
        () => null,
      );
      const desk = await undoing;
      // What could not be loaded now is asked for again, with the request.
      if (desk === null) undoing = null;
      return desk?.answer(asked) ?? [];
    },
    settled: async () => {
      await borders.settled();
      await watch?.settled();
      await meters.settled();
      await Promise.all(hosts.all().map(({ host }) => host.engine.idle()));
    },
    close: () => {
      void undoing?.then((desk) => desk?.close());
      watch?.close();
      erasures?.close();
      meters.close();
      borders.close();
      hosts.close();
    },
  };
}
