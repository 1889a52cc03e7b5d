import type { Ids } from "../../base/ports.ts";
import { ok, type Result } from "../../base/result.ts";
import type { SubmitError } from "../../engine/engine.ts";
import { waitUntil } from "../long-wait.ts";
import { auditClaims, ownAudit, put } from "./crossing.ts";
import type { DomainHost, DomainHosts } from "./domain-hosts.ts";
import type { RecordSeat } from "./trail-seat.ts";
import { tried } from "./tried.ts";
import { inTurn } from "./turns.ts";

/** What a domain does with what it may keep no longer, as an act of its own in its log [ours]. */
const ERASE_ACT = "audit_erase";

/** XDA-13: erased first and recorded then, so that nothing is said to be gone that is not. */
export async function eraseOverdue(of: RecordSeat, nowS: number, ids: Ids): Promise<Result<void, SubmitError>> {
  const erased = await of.kept.eraseOverdue(nowS);
  if (!erased.ok) return erased;
  if (erased.value === 0) return ok(undefined);
  const { wid: _, ...about } = auditClaims(of, of.host.ports.clock, {
    jti: ids.uuid(),
    wid: undefined,
    exec_act: ERASE_ACT,
    pred: [],
    outcome: "success",
    ect_ext: { "org.signalbox.erased": erased.value },
  });
  const audit = await ownAudit(of, about);
  return audit.ok ? put(of, [audit.value]) : audit;
}

export interface ErasureWatchPorts {
  readonly hosts: Pick<DomainHosts, "all">;
  readonly ids: Ids;
}

/**
 * Has each domain erase what it may keep no longer as soon as the time for it has come, by its own clock, and at once where
 * it came while nobody was here (XDA-13). No question is needed for it.
 */
export interface ErasureWatch {
  /** A domain may have been opened. */
  changed(): void;
  close(): void;
}

/** The wall clock is looked at this often at least: a machine that slept has not counted its sleep. */
const LOOK_MS = 3_600_000;
/** What could not be erased or recorded now is tried again. */
const AGAIN_MS = 60_000;

interface Armed {
  /** Epoch s by the domain's clock; null where nothing is kept. */
  dueS: number | null;
  cancel(): void;
}

export function createErasureWatch({ hosts, ids }: ErasureWatchPorts): ErasureWatch {
  const watched = new Map<DomainHost, Armed>();
  let closed = false;

  const look = async (of: DomainHost): Promise<void> => {
    const armed = watched.get(of);
    if (armed === undefined || closed) return;
    const { clock } = of.host.ports;
    armed.cancel();
    armed.dueS = null;
    const done = await inTurn(of, () => tried(() => eraseOverdue(of, Math.floor(clock.nowMs() / 1000), ids)));
    const next = done.ok ? await of.kept.nextDue() : done;
    if (closed) return;
    if (next.ok) arm(of, next.value);
    else armed.cancel = clock.after(AGAIN_MS, () => void look(of));
  };
  /** Unless it would be looked at before that anyway. */
  const arm = (of: DomainHost, dueS: number | null): void => {
    const armed = watched.get(of);
    if (armed === undefined || closed || dueS === null || (armed.dueS !== null && armed.dueS <= dueS)) return;
    armed.cancel();
    armed.dueS = dueS;
    const { clock } = of.host.ports;
    const leftMs = Math.min(Math.max(0, dueS * 1000 - clock.nowMs()), LOOK_MS);
    armed.cancel = waitUntil(clock, clock.monotonicMs() + leftMs, () => void look(of));
  };

  return {
    changed: () => {
      for (const of of hosts.all()) {
        if (closed || watched.has(of)) continue;
        watched.set(of, { dueS: null, cancel: () => undefined });
        of.kept.onKept((dueS) => arm(of, dueS));
        void look(of);
      }
    },
    close: () => {
      closed = true;
      for (const { cancel } of watched.values()) cancel();
    },
  };
}
