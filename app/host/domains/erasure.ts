import { v5 as uuidV5 } from "uuid";
import type { Ids } from "../../base/ports.ts";
import { ok, type Result } from "../../base/result.ts";
import type { SubmitError } from "../../engine/engine.ts";
import type { LoggedOrder } from "../../protocol/audit/domain-order.ts";
import { waitUntil } from "../long-wait.ts";
import { auditClaims, ownAudit, put } from "./crossing.ts";
import type { DomainHost, DomainHosts } from "./domain-hosts.ts";
import { ERASE_ACT, ERASE_EXT } from "./domain-ledger.ts";
import type { IsHeld } from "./kept-disclosures.ts";
import { tried } from "./tried.ts";
import { inTurn } from "./turns.ts";

/** XDA-13: erased first and recorded then, so that nothing is said to be gone that is not. */
async function eraseOverdue(
  of: DomainHost,
  nowS: number,
  ids: Ids,
  isHeld: IsHeld,
): Promise<Result<void, SubmitError>> {
  const erased = await of.kept.eraseOverdue(nowS, isHeld);
  if (!erased.ok) return erased;
  if (erased.value === 0) return ok(undefined);
  const { wid: _, ...about } = auditClaims(of, of.host.ports.clock, {
    jti: ids.uuid(),
    wid: undefined,
    exec_act: ERASE_ACT,
    pred: [],
    outcome: "success",
    ect_ext: { [ERASE_EXT.count]: erased.value },
  });
  const audit = await ownAudit(of, about);
  return audit.ok ? put(of, [audit.value]) : audit;
}

const isOpen = ({ ledger }: DomainHost, { claims }: LoggedOrder): boolean =>
  claims.order.kind === "erase" && !ledger.erased().has(claims.jti);

const hasOpenOrder = (of: DomainHost): boolean => of.ledger.orders().some((logged) => isOpen(of, logged));

/**
 * Carries out what people have ordered to be erased and what is not on record as done: after the order, and once more where
 * something went wrong in between (XDA-13). What each order is about is told by the log alone.
 */
async function eraseOrdered(of: DomainHost): Promise<Result<void, SubmitError>> {
  const { ledger, kept, host } = of;
  await ledger.catchUp();
  if (!hasOpenOrder(of)) return ok(undefined);
  const { erasureBookOf, recordsOf } = await import("./erasing.ts");
  const { erasures } = await erasureBookOf(of);
  const logged = new Set((await recordsOf(of)).map(({ digest }) => digest));
  for (const { logged: order, plan } of erasures.filter((one) => isOpen(of, one.logged))) {
    const gone = await kept.erase(plan.targets, (digest) => logged.has(digest));
    if (!gone.ok) return gone;
    const { jti, iss } = order.claims;
    const { wid: _, ...about } = auditClaims(of, host.ports.clock, {
      jti: uuidV5("erased", jti),
      wid: undefined,
      exec_act: ERASE_ACT,
      pred: [],
      outcome: "success",
      actor: { sub: iss },
      ect_ext: {
        [ERASE_EXT.count]: plan.targets.length,
        [ERASE_EXT.order]: jti,
        [ERASE_EXT.entry]: order.seq,
      },
    });
    const audit = await ownAudit(of, about);
    const recorded = audit.ok ? await put(of, [audit.value]) : audit;
    if (!recorded.ok) return recorded;
  }
  return ok(undefined);
}

/** What is under a legal hold now: nothing of it goes, by order or by time (XDA-76). */
async function heldIn(of: DomainHost): Promise<IsHeld> {
  const ended = new Set(
    of.ledger.orders().flatMap(({ claims: { order } }) => (order.kind === "end_hold" ? [order.hold] : [])),
  );
  const isHold = ({ claims }: LoggedOrder): boolean => claims.order.kind === "legal_hold" && !ended.has(claims.jti);
  if (!of.ledger.orders().some(isHold)) return () => false;
  const { heldDigests } = await import("./erasing.ts");
  const held = await heldDigests(of);
  return (digest) => held.has(digest);
}

/** Everything of a domain that is to be erased at this second, ordered or since its time is over. */
export async function eraseDue(of: DomainHost, nowS: number, ids: Ids): Promise<Result<void, SubmitError>> {
  const ordered = await eraseOrdered(of);
  return ordered.ok ? eraseOverdue(of, nowS, ids, await heldIn(of)) : ordered;
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
  /** It is being looked at, or will be again since something went wrong. */
  isBusy: boolean;
  /** Orders that the log had when it was looked at last. */
  orders: number;
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
    armed.isBusy = true;
    armed.orders = of.ledger.orders().length;
    const done = await inTurn(of, () => tried(() => eraseDue(of, Math.floor(clock.nowMs() / 1000), ids)));
    const next = done.ok ? await of.kept.nextDue(await heldIn(of)) : done;
    if (closed) return;
    armed.isBusy = !next.ok;
    if (next.ok && armed.orders !== of.ledger.orders().length) void look(of);
    else if (next.ok) arm(of, next.value);
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

  /** An order that could not be carried out where it was given. */
  const again = (of: DomainHost, { isBusy, orders }: Armed): void => {
    if (!closed && !isBusy && orders !== of.ledger.orders().length) void look(of);
  };

  return {
    changed: () => {
      for (const of of hosts.all()) {
        if (closed) continue;
        const known = watched.get(of);
        // The ledger hears of the same entry, after this.
        if (known !== undefined) void Promise.resolve().then(() => again(of, known));
        if (known !== undefined) continue;
        watched.set(of, { dueS: null, cancel: () => undefined, isBusy: false, orders: 0 });
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
