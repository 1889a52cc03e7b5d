import type { Clock, Ids, Sha256 } from "../../base/ports.ts";
import { ok, type Result } from "../../base/result.ts";
import type { Engine, SubmitError } from "../../engine/engine.ts";
import type { Fact, FactOf, LoggedFact } from "../../engine/fact.ts";
import { isTransient } from "../../engine/patient-engine.ts";
import type { Storage, Unavailable } from "../../engine/ports.ts";
import type { TrailPlaces } from "../../engine/rollback/trail-places.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { RunStore } from "../run-store.ts";
import type { DomainDesk } from "./domain-desk.ts";
import type { SeatHost } from "./domain-hosts.ts";
import type { DomainProfile } from "./domain-profiles.ts";
import type { OwnHost } from "./own-seat.ts";
import type { UndoAsked } from "./undo-desk.ts";

export interface DomainsPorts {
  readonly engine: Engine;
  readonly storage: Storage;
  readonly runs: RunStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sha256: Sha256;
  open(domain: string, storage: Storage): Promise<Result<SeatHost, Unavailable>>;
  /** Of ours unless it is told otherwise. */
  readonly profile: ((domain: string) => DomainProfile) | undefined;
  own(): OwnHost;
  changed(): void;
}

/** The other domains of a console; all of it is loaded with the first workflow that names any. */
export interface Domains {
  /** Null where there is no other domain. */
  desk(): Promise<DomainDesk | null>;
  facts(logged: readonly LoggedFact[]): void;
  /** Answers when what a task rests on has come into its agent's domain, or why it did not. */
  admit(claims: FactOf<"intent+jwt">["claims"]): Promise<Refusal | null>;
  /** Whose trail each task of a workflow is in, where that is another domain's (CAS-36). */
  trails(wid: string): Promise<Result<TrailPlaces, SubmitError>>;
  /** What a domain's gateway answers to a request of a rollback; none where it cannot be reached. */
  undo(asked: UndoAsked): Promise<readonly string[]>;
  open(): Promise<void>;
  close(): void;
}

/** As recorded tasks name their agent's domain; how it is read says `run-domains.ts`. */
const NAMES_A_DOMAIN = "org.signalbox.domain";
const KNOWN = "domains/known";
const AGAIN_MS = 1000;

export function createDomains(ports: DomainsPorts): Domains {
  const { engine } = ports;
  let desk: Promise<DomainDesk> | null = null;
  let closed = false;
  /** By workflow, whether its run names domains. */
  const named = new Map<string, boolean>();

  const load = (): Promise<DomainDesk> => {
    desk ??= openDesk().catch((error: unknown) => {
      // What could not be loaded or read now is asked for again.
      desk = null;
      throw error;
    });
    return desk;
  };
  const openDesk = async (): Promise<DomainDesk> => {
    const { openDomainDesk } = await import("./domain-desk.ts");
    const opened = await openDomainDesk(ports);
    if (closed) opened.close();
    return opened;
  };
  /** A run that cannot be read now may name some: that is not known, and never a no. */
  const namesDomains = async (wid: string): Promise<Result<boolean, SubmitError>> => {
    const known = named.get(wid);
    if (known !== undefined) return ok(known);
    const run = await engine.read((state) => state.workflows.get(wid)?.run);
    // What is asked about a workflow that is not there is for the decision itself to refuse.
    if (run === undefined) return ok(false);
    const plan = await ports.runs.plan(run);
    if (!plan.ok) return plan;
    const names = plan.value.tasks.some(({ attributes }) => NAMES_A_DOMAIN in attributes);
    named.set(wid, names);
    return ok(names);
  };
  /** Whoever waits for it asks again; so does the next entry of the workflow. */
  const look = (wid: string): void => {
    const looked = namesDomains(wid).then(async (names) => {
      if (!names.ok || !names.value || closed) return;
      const { borders, metering } = await load();
      borders.look([wid]);
      metering.look([wid]);
    });
    looked.catch(() => undefined);
  };
  const admit: Domains["admit"] = async ({ wid, task }) => {
    while (!closed) {
      const names = await namesDomains(wid);
      if (names.ok && !names.value) return null;
      if (!names.ok && !isTransient(names.error))
        return "status" in names.error ? names.error : refusal("domain_unavailable", names.error.detail);
      const opened = names.ok ? await load().catch(() => null) : null;
      if (opened !== null) return opened.borders.admit(wid, task);
      await new Promise<void>((resolve) => ports.clock.after(AGAIN_MS, resolve));
    }
    // As `BorderDirector.admit`: nothing is decided here any more.
    return new Promise<never>(() => undefined);
  };
  const trails: Domains["trails"] = async (wid) => {
    const names = await namesDomains(wid);
    if (names.ok) return names.value ? (await import("./undo-places.ts")).undoPlaces(ports, wid) : ok(new Map());
    // A run that is not stored here any more names no other domain where this console never had one.
    const known = await ports.storage.values.get(KNOWN);
    if (!known.ok) return known;
    return Array.isArray(known.value) || desk !== null || isTransient(names.error) ? names : ok(new Map());
  };
  const open: Domains["open"] = async () => {
    const known = await ports.storage.values.get(KNOWN);
    if (closed) return;
    // What cannot be read now does not look as if there were none (L2).
    if (!known.ok || (Array.isArray(known.value) && (await load().catch(() => null)) === null)) {
      ports.clock.after(AGAIN_MS, () => void open());
      return;
    }
    const wids = await engine.read((state) => [...state.workflows.keys()]);
    for (const wid of wids) look(wid);
  };

  return {
    desk: async () => desk,
    facts: (logged) => {
      const wids = logged.flatMap(({ fact }) => endedIn(fact) ?? []);
      for (const wid of new Set(wids)) look(wid);
    },
    admit,
    trails,
    undo: async (asked) => {
      const opened = await load().catch(() => null);
      return opened === null || closed ? [] : opened.undo(asked);
    },
    open,
    close: () => {
      closed = true;
      desk?.then(
        (opened) => opened.close(),
        () => undefined,
      );
    },
  };
}

/** The workflow of which a task may have ended by this, or of which one was metered. */
function endedIn(fact: Fact): string | undefined {
  if (fact.typ === "usage-record+jwt") return fact.claims.wid;
  if (fact.typ === "exec+jwt") return fact.claims.wid;
  if (fact.typ === "hitl-decision+jwt") return fact.claims.wid;
  return fact.typ === "record+jwt" && REFUSALS.has(fact.claims.kind) ? fact.claims.wid : undefined;
}

const REFUSALS: ReadonlySet<string> = new Set(["refused", "effect_refused", "gate_timed_out", "gate_aborted"]);

/** For hosts that have no other domains: those of the other domains themselves. */
export const NO_DOMAINS: Domains = {
  desk: async () => null,
  facts: () => undefined,
  admit: async () => null,
  trails: async () => ok(new Map()),
  undo: async () => [],
  open: async () => undefined,
  close: () => undefined,
};
