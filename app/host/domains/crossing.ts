import { v5 as uuidV5 } from "uuid";
import { must } from "../../base/assert.ts";
import type { Clock, Ids } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Received, SubmitError } from "../../engine/engine.ts";
import {
  AUDIT_TOKEN_TYPE,
  AUDIT_TYP,
  type AuditTokenClaims,
  auditClaimProblem,
} from "../../protocol/audit/audit-token.ts";
import { checkHandoff, countersignProblem } from "../../protocol/audit/handoff.ts";
import { type CountersignClaims, HANDOFF_LIFETIME_S, type HandoffClaims } from "../../protocol/audit/handoff-claims.ts";
import { pairwiseName } from "../../protocol/audit/pseudonym.ts";
import { leavingProblem, strictestOf } from "../../protocol/audit/regime.ts";
import type { StitchClaim, VectorClock } from "../../protocol/audit/stitch-claims.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { verifyToken } from "../../protocol/jose/verify-token.ts";
import type { DomainHost, DomainHosts } from "./domain-hosts.ts";
import { heardAtBorder } from "./peer-trust.ts";
import type { RecordSeat } from "./trail-seat.ts";
import { inTurn } from "./turns.ts";

/** What a gateway does at the border, as acts of its own in its log [ours]. */
export const HAND_OFF_ACT = "trail_hand_off";
export const TAKE_OVER_ACT = "trail_take_over";

/** One crossing to be made: the tasks of `from` that one of `to` rests on. */
export interface Crossing {
  readonly stitchId: string;
  readonly wid: string;
  readonly from: DomainHost;
  readonly to: DomainHost;
  readonly last: readonly string[];
  /** The policy the work is under. */
  readonly acp: { readonly jti: string; readonly hash: string } | null;
}

export interface CrossingPorts {
  readonly ids: Ids;
  readonly hosts: Pick<DomainHosts, "pairKeys">;
}

const AUDIT_LIFETIME_S = 600;

/** The id of the gateway's act on one side of a crossing. */
export const borderJti = (stitchId: string, side: "out" | "in"): string => uuidV5(side, stitchId);

/**
 * Carries one crossing as far as it goes: announced in the sender's log, taken or refused in the receiver's, the answer
 * back in the sender's. Each step is durable before the next and is not made twice, so that this may be asked again after
 * whatever went wrong (X1). Null when the receiver has let it in; otherwise why not.
 */
export async function carryCrossing(
  ports: CrossingPorts,
  crossing: Crossing,
): Promise<Result<Refusal | null, SubmitError>> {
  const { from, to, stitchId } = crossing;
  await Promise.all([from.ledger.catchUp(), to.ledger.catchUp()]);
  // In turn with orders about the domain: what a crossing names is in force at its place in the log (XDA-74).
  const announced = await inTurn(from, () => announce(ports, crossing));
  if (!announced.ok) return announced;
  const taken = await inTurn(to, () => take(ports, crossing));
  if (!taken.ok) return taken;
  const answered = await answer(crossing);
  if (!answered.ok) return answered;
  // Signed heads over both ends: what they prove needs no word of ours any more.
  await Promise.all([from.host.engine.issueHead(), to.host.engine.issueHead()]);
  const { verdict, code, detail } = must(to.ledger.crossing(stitchId)?.countersign, "it was taken or refused").claims;
  return ok(
    verdict === "accepted" ? null : refusal(code ?? "xd_untrusted_domain", detail ?? `${to.domain} refused it`),
  );
}

/** The sender: hands off its last tasks, and says so in its own log in the same frame. */
async function announce({ ids, hosts }: CrossingPorts, crossing: Crossing): Promise<Result<void, SubmitError>> {
  const { from, to, stitchId, wid, last } = crossing;
  if (from.ledger.crossing(stitchId)?.handoff !== undefined) return ok(undefined);
  // One version for all of it, whatever is ordered meanwhile.
  const { profile, name: border } = from.border.now();
  const kept = leavingProblem([profile.reg]);
  if (kept !== null) return err(kept);
  const { engine, ports } = from.host;
  await engine.issueHead();
  const tasks = last.map((jti) =>
    must(from.ledger.audit(wid, jti), "a task has its audit token before it is handed off"),
  );
  const { pairwise } = profile.disclosure;
  const pair = pairwise ? await hosts.pairKeys.of(from.domain, to.domain) : null;
  if (pair?.ok === false) return pair;
  const called = async (one: { jti: string; hash: string }) =>
    pair === null ? one : pairwiseName(pair.value.key, [from.domain, to.domain], one);
  // Above everything this log has of the workflow: two crossings of one task have no counter in common (XDA-S3).
  const lamport = Math.max(from.ledger.lamport(wid), ...tasks.map((task) => task.lamport)) + 1;
  const known = mergeClocks(tasks.map((task) => task.vc));
  // What it knows of third domains is the same towards every receiver: a pair's own names go without.
  const vc = pair === null ? known : only(known, [to.domain]);
  vc[from.domain] = (from.ledger.clock(wid)[from.domain] ?? 0) + 1;
  const head = await engine.read((_state, at) => at.root);
  const claims: HandoffClaims = {
    ...moment(ports.clock, ids),
    iss: engine.ids.pepId,
    aud: [to.host.engine.ids.pepId, engine.ids.logId],
    stitch_id: stitchId,
    from: from.domain,
    to: to.domain,
    last: await Promise.all(tasks.map(({ jti, digest }) => called({ jti, hash: digest }))),
    ...(pair === null ? {} : { named_by: { alg: "hmac-sha-256", kid: pair.value.kid } }),
    lamport,
    vc,
    reg: [profile.reg],
    level_min: 3,
    ...(crossing.acp === null ? {} : { acp: await called(crossing.acp) }),
    log_head: head,
    disclosure: profile.disclosure,
    border,
    wid,
    at_ms: ports.clock.nowMs(),
  };
  const handoff = await own(from, "audit-handoff+jwt", claims);
  if (!handoff.ok) return handoff;
  const out = await ownAudit(
    from,
    auditClaims({ ...from, profile }, ports.clock, {
      jti: borderJti(stitchId, "out"),
      wid,
      exec_act: HAND_OFF_ACT,
      pred: [...last],
      outcome: "success",
      stitch: stitchOf(crossing, "out", handoff.value.verified.digest, lamport, vc),
    }),
  );
  return out.ok ? put(from, [handoff.value, out.value]) : out;
}

/** The receiver: verifies, answers, and where it lets it in goes on from there, all in one frame of its log. */
async function take({ ids }: CrossingPorts, crossing: Crossing): Promise<Result<void, SubmitError>> {
  const { from, to, stitchId, wid } = crossing;
  if (to.ledger.crossing(stitchId)?.countersign !== undefined) return ok(undefined);
  const { engine, ports } = to.host;
  const sent = must(from.ledger.crossing(stitchId)?.handoff, "it was announced");
  const heardMs = ports.clock.nowMs();
  const received = await engine.receive(sent.compact);
  if (!received.ok) return received;
  const { fact, verified } = received.value;
  if (fact.typ !== "audit-handoff+jwt")
    return err(refusal("token_wrong_type", "an audit-handoff+jwt is expected here"));
  const { profile, name: border } = to.border.now();
  const { policy } = profile;
  const trusted = await engine.read((state) => [...heardAtBorder(state, Math.floor(heardMs / 1000)).keys()]);
  const checked = await checkHandoff({ claims: fact.claims }, { ...policy, domain: to.domain, trusted });
  const lamport = Math.max(to.ledger.lamport(wid), fact.claims.lamport) + 1;
  const claims: CountersignClaims = {
    ...moment(ports.clock, ids),
    iss: engine.ids.pepId,
    aud: [from.host.engine.ids.pepId, engine.ids.logId],
    stitch_id: stitchId,
    handoff: { jti: fact.claims.jti, hash: verified.digest },
    ...(checked.ok
      ? { verdict: "accepted" as const }
      : { verdict: "refused" as const, code: checked.error.code, detail: checked.error.detail }),
    lamport,
    log_head: await engine.read((_state, at) => at.root),
    border,
    wid,
    heard_ms: heardMs,
    at_ms: ports.clock.nowMs(),
  };
  const countersign = await own(to, "audit-countersign+jwt", claims);
  if (!countersign.ok) return countersign;
  const vc = mergeClocks([to.ledger.clock(wid), fact.claims.vc ?? {}]);
  vc[to.domain] = (to.ledger.clock(wid)[to.domain] ?? 0) + 1;
  const inward = checked.ok
    ? await ownAudit(
        to,
        auditClaims({ ...to, profile }, ports.clock, {
          jti: borderJti(stitchId, "in"),
          wid,
          exec_act: TAKE_OVER_ACT,
          pred: fact.claims.last.map(({ jti }) => jti),
          outcome: "success",
          reg: [profile.reg, ...fact.claims.reg].slice(0, 16),
          stitch: stitchOf(crossing, "in", verified.digest, lamport, vc),
        }),
      )
    : null;
  if (inward?.ok === false) return inward;
  return put(to, [received.value, countersign.value, ...(inward === null ? [] : [inward.value])]);
}

/** The sender again: keeps the countersignature, which it could not have made. */
async function answer({ from, to, stitchId }: Crossing): Promise<Result<void, SubmitError>> {
  const held = from.ledger.crossing(stitchId);
  if (held?.countersign !== undefined) return ok(undefined);
  const sent = must(to.ledger.crossing(stitchId)?.countersign, "it was answered");
  const received = await from.host.engine.receive(sent.compact);
  if (!received.ok) return received;
  const { fact } = received.value;
  if (fact.typ !== "audit-countersign+jwt")
    return err(refusal("token_wrong_type", "an audit-countersign+jwt is expected here"));
  const problem = countersignProblem(fact.claims, must(held?.handoff, "what is answered was sent"));
  return problem === null ? put(from, [received.value]) : err(problem);
}

/** The audit token of a task or of the gateway's own act, as its domain keeps it. */
export function auditClaims(
  { domain, host, ledger, profile }: RecordSeat,
  clock: Clock,
  about: Pick<AuditTokenClaims, "jti" | "wid" | "exec_act" | "pred" | "outcome"> & Partial<AuditTokenClaims>,
): AuditTokenClaims {
  const { pepId, logId } = host.engine.ids;
  const iat = Math.floor(clock.nowMs() / 1000);
  const reg = about.reg ?? [profile.reg];
  return {
    iss: pepId,
    aud: [logId],
    iat,
    exp: iat + AUDIT_LIFETIME_S,
    aud_ver: 1,
    level: 3,
    idp: { kind: "wimse", wit_hash: must(ledger.gatewayWit(), "a log begins with its gateway's identity") },
    domain,
    ...(profile.jurisdictions.length === 0 ? {} : { jurisdictions: [...profile.jurisdictions] }),
    // XDA-9: the longest that any of them keeps it.
    retention_until: iat + strictestOf(reg).retentionMinS,
    reg,
    disclosure: profile.disclosure,
    ...about,
  };
}

/** Signed by a domain's gateway, and verified as anybody's. */
async function own(
  { host }: DomainHost,
  typ: "audit-handoff+jwt" | "audit-countersign+jwt",
  claims: object,
): Promise<Result<Received, Refusal>> {
  return host.engine.receive(await host.engine.signAsPep(typ, claims));
}

/**
 * An audit token by a domain's gateway about what its log is told here. What it rests on is in its ledger and not in a
 * workflow's state, which this domain has not: so it is held against common verification, and its trail against X3. What
 * it says beyond what everybody is shown is in it as digests, and kept beside the log (XDA-3).
 */
export async function ownAudit(of: RecordSeat, claims: AuditTokenClaims): Promise<Result<Received, SubmitError>> {
  const { engine, ports } = of.host;
  const problem = auditClaimProblem(claims);
  if (problem !== null) return err(problem);
  const sealed = await of.kept.seal(claims);
  if (!sealed.ok) return sealed;
  const compact = await engine.signAsPep(AUDIT_TYP, sealed.value.claims);
  const parsed = parseCompact(compact);
  const key = parsed.ok ? await engine.keyOf(parsed.value.header.kid ?? "") : undefined;
  const verified = await verifyToken(AUDIT_TOKEN_TYPE, compact, {
    nowS: Math.floor(ports.clock.nowMs() / 1000),
    ownIds: [engine.ids.logId],
    resolveKey: () => key,
    seen: () => false,
    algorithms: ["ES256", "EdDSA"],
    sha256: ports.sha256,
  });
  if (!verified.ok) return verified;
  const kept = await of.kept.keep(verified.value, sealed.value.disclosures);
  return kept.ok ? ok({ verified: verified.value, fact: { typ: AUDIT_TYP, claims: verified.value.claims } }) : kept;
}

export async function put(
  { host, ledger }: Pick<RecordSeat, "host" | "ledger">,
  tokens: readonly Received[],
): Promise<Result<void, SubmitError>> {
  const accepted = await host.engine.submit({ kind: "border", tokens });
  if (accepted.ok) await ledger.catchUp();
  return accepted.ok ? ok(undefined) : accepted;
}

function moment(clock: Clock, ids: Ids): { iat: number; exp: number; jti: string } {
  const iat = Math.floor(clock.nowMs() / 1000);
  return { iat, exp: iat + HANDOFF_LIFETIME_S, jti: ids.uuid() };
}

function stitchOf(
  { stitchId, wid, from, to }: Crossing,
  direction: "out" | "in",
  hash: string,
  lamport: number,
  vc: VectorClock,
): StitchClaim {
  const peer = direction === "out" ? to.domain : from.domain;
  return { stitch_id: stitchId, direction, peer, local_wid: wid, handoff_hash: hash, lamport, vc };
}

function only(clock: VectorClock, domains: readonly string[]): Record<string, number> {
  return Object.fromEntries(Object.entries(clock).filter(([domain]) => domains.includes(domain)));
}

function mergeClocks(clocks: readonly VectorClock[]): Record<string, number> {
  const merged: Record<string, number> = {};
  for (const clock of clocks)
    for (const [domain, count] of Object.entries(clock)) merged[domain] = Math.max(merged[domain] ?? 0, count);
  return merged;
}
