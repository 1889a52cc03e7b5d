import { v5 as uuidV5 } from "uuid";
import { must } from "../../base/assert.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { AUDIT_EXT } from "../../engine/audit/statement.ts";
import type { SubmitError } from "../../engine/engine.ts";
import { AUDIT_TOKEN_TYPE, AUDIT_TYP, type AuditTokenClaims } from "../../protocol/audit/audit-token.ts";
import type { PlanStep, RollbackRequestClaims } from "../../protocol/cascade/rollback-claims.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { verifyToken } from "../../protocol/jose/verify-token.ts";
import { auditClaims, borderJti, ownAudit, put } from "./crossing.ts";
import type { DomainHost } from "./domain-hosts.ts";

/*
 * What a domain's gateway writes into its own log of a rollback, each act once (CAS-38): what it does and has done follows
 * from its log, and from nothing else.
 */

/** Its word before anything is done; that a task of its trail was undone; and how the rollback ended, or that nobody said. */
type UndoAct = "trail_undo_prepare" | "trail_undo" | `trail_undo_${"confirm" | "abort" | "lapse"}`;
/** A crossing is given back by its sender, and taken back by its receiver. */
const HAND_BACK_ACT = "trail_hand_back";
const TAKE_BACK_ACT = "trail_take_back";

/** The rollback that an entry is about, in its extension [ours]. */
const ROLLBACK = "org.signalbox.rollback";

/** A verified request of the coordinator, and its digest. */
export interface UndoRequest {
  readonly claims: RollbackRequestClaims;
  readonly digest: string;
}

type About = Pick<AuditTokenClaims, "exec_act" | "pred" | "outcome"> & Partial<AuditTokenClaims>;
/** `isBetween` two domains: says nothing of the request, which two receivers of one sender would have in common (XDA-S3). */
type Act = About & { readonly what: string; readonly isBetween?: true };

export const undoJti = (rbId: string, domain: string, what: string): string => uuidV5(`${what} ${domain}`, rbId);

export const hasUndone = ({ ledger, domain }: DomainHost, { wid, rb_id }: RollbackRequestClaims, what: string) =>
  ledger.audit(wid, undoJti(rb_id, domain, what)) !== undefined;

/** States one act of the gateway, unless its log has it. */
export async function stateUndo(
  of: DomainHost,
  { claims, digest }: UndoRequest,
  acts: readonly Act[],
): Promise<Result<void, SubmitError>> {
  await of.ledger.catchUp();
  const due = acts.filter(({ what }) => !hasUndone(of, claims, what));
  if (due.length === 0) return ok(undefined);
  const made = await Promise.all(
    due.map(({ what, isBetween = false, ...about }) =>
      ownAudit(
        of,
        auditClaims(of, of.host.ports.clock, {
          jti: undoJti(claims.rb_id, of.domain, what),
          wid: claims.wid,
          ...about,
          ...(isBetween
            ? {}
            : {
                evidence: [{ typ: "rollback-request+jwt", id: claims.jti, hash: digest }],
                ect_ext: { [ROLLBACK]: claims.rb_id, ...about.ect_ext },
              }),
        }),
      ),
    ),
  );
  const tokens = [];
  for (const one of made) {
    if (!one.ok) return one;
    tokens.push(one.value);
  }
  return put(of, tokens);
}

/** Its word before anything is done: ready, or why not. A word is said once for each code. */
export const statePrepared = (of: DomainHost, request: UndoRequest, own: readonly string[], code: string | null) =>
  stateUndo(of, request, [
    {
      what: code === null ? "prepare" : `prepare ${code}`,
      exec_act: "trail_undo_prepare" satisfies UndoAct,
      pred: own.filter((jti) => of.ledger.audit(request.claims.wid, jti) !== undefined).slice(0, 100),
      outcome: code === null ? "success" : "denied",
      ...(code === null ? {} : { severity: "warning" as const, ect_ext: { [AUDIT_EXT.code]: code } }),
    },
  ]);

/** How it ended, after what was undone here. */
export const stateEnd = (
  of: DomainHost,
  request: UndoRequest,
  how: "confirm" | "abort" | "lapse",
  undone: readonly string[],
) =>
  stateUndo(of, request, [
    {
      what: how,
      exec_act: `trail_undo_${how}` satisfies UndoAct,
      pred: undone.slice(0, 100),
      outcome: how === "confirm" ? "success" : "failure",
      ...(how === "lapse" ? { severity: "warning" as const } : {}),
    },
  ]);

/** The tasks a step takes back: its own, and those that come back with its checkpoint. */
export const takenBack = ({ task, method, ckpt_id }: PlanStep, plan: readonly PlanStep[]): string[] => {
  const isWith = (other: PlanStep): boolean => other.method === "skip" && other.ckpt_id === ckpt_id;
  return method === "restore" ? [task, ...plan.filter(isWith).map((other) => other.task)] : [task];
};

/**
 * Takes in that tasks of its trail were undone, and gives back what it had handed over: the names of the domains that have
 * not taken it back (CAS-39).
 */
export async function stateUndone(
  of: DomainHost,
  request: UndoRequest,
  tasks: readonly string[],
  peer: (domain: string) => DomainHost | undefined,
): Promise<Result<readonly string[], SubmitError>> {
  const { wid } = request.claims;
  const here = tasks.filter((jti) => of.ledger.audit(wid, jti) !== undefined);
  const stated = await stateUndo(
    of,
    request,
    here.map((task) => ({
      what: `undo ${task}`,
      exec_act: "trail_undo" satisfies UndoAct,
      pred: [task],
      outcome: "success",
    })),
  );
  if (!stated.ok) return stated;
  const left = new Set<string>();
  for (const { stitchId, to } of handedOver(of, wid, here)) {
    const what = `hand back ${stitchId}`;
    const about = { exec_act: HAND_BACK_ACT, pred: [borderJti(stitchId, "out")], outcome: "success" as const };
    const given = await stateUndo(of, request, [{ what, isBetween: true, ...about }]);
    if (!given.ok) return given;
    const receiver = peer(to);
    const back =
      receiver === undefined
        ? null
        : await takeBack(of, receiver, request, stitchId, undoJti(request.claims.rb_id, of.domain, what)).catch(
            () => null,
          );
    if (back === null || !back.ok) left.add(to);
  }
  return ok([...left].toSorted());
}

/** Crossings of which these tasks were among the last, and that were let in. */
function handedOver({ ledger }: DomainHost, wid: string, tasks: readonly string[]) {
  return [...ledger.crossingsOf(wid)].flatMap((stitchId) => {
    const held = ledger.crossing(stitchId);
    const out = held?.border?.stitch?.direction === "out" ? held.border : null;
    const isIn = held?.countersign?.claims.verdict === "accepted";
    const to = held?.handoff?.claims.to;
    return out !== null && isIn && to !== undefined && out.pred.some((jti) => tasks.includes(jti))
      ? [{ stitchId, to }]
      : [];
  });
}

/** The receiver: verifies by the sender's key that it is given back, and says in its own log that it took it back. */
async function takeBack(
  from: DomainHost,
  to: DomainHost,
  request: UndoRequest,
  stitchId: string,
  given: string,
): Promise<Result<void, SubmitError>> {
  const { compact } = must(from.ledger.audit(request.claims.wid, given), "it was stated");
  const { engine, ports } = to.host;
  const parsed = parseCompact(compact);
  const key = parsed.ok ? await engine.keyOf(parsed.value.header.kid ?? "") : undefined;
  const verified = await verifyToken(AUDIT_TOKEN_TYPE, compact, {
    // The sender's own time of it: it may be told again long after.
    nowS: parsed.ok && typeof parsed.value.payload.iat === "number" ? parsed.value.payload.iat : 0,
    ownIds: [from.host.engine.ids.logId],
    resolveKey: () => key,
    seen: () => false,
    algorithms: ["ES256", "EdDSA"],
    sha256: ports.sha256,
  });
  if (!verified.ok) return err(verified.error);
  // What came in under this handoff is what is taken back, and nothing else.
  await to.ledger.catchUp();
  const inward = to.ledger.crossing(stitchId)?.border;
  return stateUndo(to, request, [
    {
      what: `take back ${stitchId}`,
      isBetween: true,
      exec_act: TAKE_BACK_ACT,
      pred: inward === undefined ? [] : [inward.jti],
      outcome: "success",
      evidence: [{ typ: AUDIT_TYP, id: given, hash: verified.value.digest }],
    },
  ]);
}
