import type { Clock, Ids, Sha256 } from "../../base/ports.ts";
import type { Result } from "../../base/result.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Fact, FactOf, LoggedFact } from "../../engine/fact.ts";
import type { Storage, Unavailable } from "../../engine/ports.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";
import type { RunStore } from "../run-store.ts";
import type { DomainDesk } from "./domain-desk.ts";
import type { SeatHost } from "./domain-hosts.ts";
import type { DomainProfile } from "./domain-profiles.ts";

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
  changed(): void;
}

/** The other domains of a console; all of it is loaded with the first workflow that names any. */
export interface Domains {
  /** Null where there is no other domain. */
  desk(): Promise<DomainDesk | null>;
  facts(logged: readonly LoggedFact[]): void;
  /** Answers when what a task rests on has come into its agent's domain, or why it did not. */
  admit(claims: FactOf<"intent+jwt">["claims"]): Promise<Refusal | null>;
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
  const named = new Map<string, Promise<boolean>>();

  const load = (): Promise<DomainDesk> => {
    desk ??= open().catch((error: unknown) => {
      // What could not be loaded or read now is asked for again.
      desk = null;
      throw error;
    });
    return desk;
  };
  const open = async (): Promise<DomainDesk> => {
    const { openDomainDesk } = await import("./domain-desk.ts");
    const opened = await openDomainDesk(ports);
    if (closed) opened.close();
    return opened;
  };
  const namesDomains = (wid: string): Promise<boolean> => {
    const known = named.get(wid);
    if (known !== undefined) return known;
    const asked = engine
      .read((state) => state.workflows.get(wid)?.run)
      .then(async (run) => {
        const plan = run === undefined ? undefined : await ports.runs.plan(run);
        // A run that cannot be read now is looked at again.
        if (plan?.ok !== true) named.delete(wid);
        return plan?.ok === true && plan.value.tasks.some(({ attributes }) => NAMES_A_DOMAIN in attributes);
      });
    named.set(wid, asked);
    return asked;
  };
  /** Whoever waits for it asks again; so does the next entry of the workflow. */
  const look = (wid: string): void => {
    const looked = namesDomains(wid).then(async (named) => {
      if (named && !closed) (await load()).borders.look([wid]);
    });
    looked.catch(() => undefined);
  };
  const admit: Domains["admit"] = async ({ wid, task }) => {
    if (!(await namesDomains(wid))) return null;
    for (;;) {
      const opened = await load().catch(() => null);
      if (opened !== null) return opened.borders.admit(wid, task);
      await new Promise<void>((resolve) => ports.clock.after(AGAIN_MS, resolve));
    }
  };

  return {
    desk: async () => desk,
    facts: (logged) => {
      const wids = logged.flatMap(({ fact }) => endedIn(fact) ?? []);
      for (const wid of new Set(wids)) look(wid);
    },
    admit,
    open: async () => {
      const known = await ports.storage.values.get(KNOWN);
      if (known.ok && Array.isArray(known.value)) await load().catch(() => null);
      const wids = await engine.read((state) => [...state.workflows.keys()]);
      for (const wid of wids) look(wid);
    },
    close: () => {
      closed = true;
      desk?.then(
        (opened) => opened.close(),
        () => undefined,
      );
    },
  };
}

/** The workflow of which a task may have ended by this. */
function endedIn(fact: Fact): string | undefined {
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
  open: async () => undefined,
  close: () => undefined,
};
