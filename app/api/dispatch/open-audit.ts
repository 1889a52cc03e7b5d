import { AUDIT_EXT } from "../../engine/audit/statement.ts";
import { isHuman } from "../../engine/identity/human.ts";
import { heldEcts } from "../../engine/workflow/held-ects.ts";
import type { Host } from "../../host/open-host.ts";
import type { AuditContext } from "../../protocol/audit/audit-context.ts";
import { AUDIT_TYP, type AuditTokenClaims, auditTokenClaimsSchema } from "../../protocol/audit/audit-token.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { HANDOFF_TYPE } from "../../protocol/audit/handoff-claims.ts";
import { trustAt, trustedIdentities } from "../../protocol/audit/trusted-identities.ts";
import { explainAuditToken, type ToldAudit } from "../../protocol/audit/verify-audit-token.ts";
import type { KnownEct, KnownEcts } from "../../protocol/ect/known-ects.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import type { TrustedKey } from "../../protocol/jose/keys.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";
import type { Inspected } from "../contract/inspect.ts";
import { coveringHead, receiptUnder } from "./open-ect.ts";
import { storedEntry } from "./open-token.ts";

/** An audit token as this host finds it: claims that can be read, every row of V1, and what it comes to. */
export interface ExplainedAudit extends ToldAudit {
  readonly claims: AuditTokenClaims | null;
  readonly isCovered: boolean;
  /** Who signed the evidence that is in this log. */
  readonly evidenceBy: ReadonlySet<string>;
}

/**
 * V1 against what this log holds, and its receipt once a signed head covers its entry. `entry` is null for a token that is
 * not in this log, which then has no receipt either.
 */
export async function explainAuditAt(
  host: Host,
  token: string,
  { nowS, entry }: { readonly nowS: number; readonly entry: LedgerEntry | null },
): Promise<ExplainedAudit> {
  const { engine, ports } = host;
  const parsed = parseCompact(token);
  const read = parsed.ok ? auditTokenClaimsSchema.safeParse(parsed.value.payload) : null;
  const claims = read?.success === true ? read.data : null;
  const keys = new Map<string, TrustedKey>();
  const evidenceBy = new Set<string>();
  const know = async (compact: string): Promise<void> => {
    const within = parseCompact(compact);
    const kid = within.ok ? within.value.header.kid : undefined;
    const key = kid === undefined ? undefined : await engine.keyOf(kid);
    if (key !== undefined) keys.set(key.kid, key);
  };
  const at = async (seq: number | null | undefined): Promise<LedgerEntry | null> =>
    seq === null || seq === undefined ? null : storedEntry(host, seq);
  await know(token);
  const head = entry === null ? null : await coveringHead(host, entry.seq);
  const wid = claims?.wid;
  const ects = await engine.read((state) => new Map(wid === undefined ? undefined : state.workflows.get(wid)?.ects));
  // Its state is not to be kept: what is looked at afterwards are values that do not change but for their end.
  const trusted = await engine.read((state) => trustAt(state.trust.values(), entry?.seq ?? null));
  const identities = await engine.read((state) =>
    [...state.keys.values()].filter(({ subject }) => subject === claims?.iss).map(({ seq }) => seq),
  );
  const audits = await auditsAmong(host, claims);
  const handedOn = await handoffsOf(
    host,
    (claims?.pred ?? []).filter((jti) => !ects.has(jti) && !audits.has(jti)),
  );
  const ledger =
    entry === null
      ? undefined
      : head === null
        ? ("appending" as const)
        : ledgerOf(await receiptUnder(host, head, entry, tokenDigest(token, ports.sha256)));
  const context: AuditContext = {
    nowS,
    ownIds: [engine.ids.pepId, engine.ids.logId],
    resolveKey: (kid) => keys.get(kid),
    seen: () => entry === null && claims !== null && isOnRecord(host, claims),
    algorithms: ["ES256", "EdDSA"],
    sha256: ports.sha256,
    identities: {
      ...trustedIdentities(trusted, ports.sha256),
      wit: async (hash) => {
        for (const seq of identities) {
          const wit = await at(seq);
          if (wit === null || tokenDigest(wit.token, ports.sha256) !== hash) continue;
          await know(wit.token);
          return wit.token;
        }
        return null;
      },
    },
    ectOf: async ({ jti }) => {
      const found = await at(ects.get(jti)?.seq);
      if (found === null) return null;
      await know(found.token);
      return { token: found.token, receivedAt: found.received_at };
    },
    known: withAudits(
      heldEcts(new Map(wid === undefined ? [] : [[wid, { ects }]]), {
        before: entry?.seq ?? Number.POSITIVE_INFINITY,
        covered: head?.tree_size ?? 0,
      }),
      audits,
    ),
    // What no handoff names is reported, not refused: a trail is joined by what its domains hand over (X3).
    dag: { missing: "partial" },
    handoffOf: (jti) => handedOn.get(jti) ?? null,
    ...(ledger === undefined ? {} : { ledger }),
    evidenceOf: async ({ typ, id }) => {
      const seq = seqOfTyp(host, typ, id);
      const found = (await at(seq))?.token ?? null;
      const by = found === null || seq === undefined ? undefined : host.index.row(seq)?.iss;
      if (by !== undefined && by !== null) evidenceBy.add(by);
      return found;
    },
  };
  return { claims, isCovered: head !== null, evidenceBy, ...(await explainAuditToken(token, context)) };
}

/** Predecessors of which the log has the audit token and no more: tasks that a domain was told of, and its gateway's own acts. */
async function auditsAmong(host: Host, claims: AuditTokenClaims | null): Promise<ReadonlyMap<string, KnownEct>> {
  const found = new Map<string, KnownEct>();
  for (const jti of claims?.pred ?? []) {
    const seq = seqOfTyp(host, AUDIT_TYP, jti);
    const entry = seq === undefined ? null : await storedEntry(host, seq);
    const parsed = entry === null ? null : parseCompact(entry.token);
    const read = parsed?.ok === true ? auditTokenClaimsSchema.safeParse(parsed.value.payload) : null;
    if (read?.success !== true) continue;
    const { wid, iss, iat, pred, exec_act: execAct, ect_ext: ext = {} } = read.data;
    found.set(jti, { jti, wid, iss, iat, pred, execAct, ext, level: 2 });
  }
  return found;
}

/** Handoffs that are looked through for what a record rests on, the newest first. */
const MAX_HANDOFFS = 200;

/** Which domain each of these tasks was handed on by, as the handoffs in this log say (XA-8). */
async function handoffsOf(host: Host, absent: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const seqs = absent.length === 0 ? [] : host.index.rows().filter(({ typ }) => HANDOFF_TYPE.typ.includes(typ));
  for (const { seq } of seqs.slice(-MAX_HANDOFFS).toReversed()) {
    const entry = await storedEntry(host, seq);
    const parsed = entry === null ? null : parseCompact(entry.token);
    const handoff = parsed?.ok === true ? HANDOFF_TYPE.schema.safeParse(parsed.value.payload) : null;
    if (handoff?.success !== true) continue;
    const { last, from } = handoff.data;
    for (const { jti } of last) if (absent.includes(jti) && !found.has(jti)) found.set(jti, from);
    if (found.size === absent.length) break;
  }
  return found;
}

/** A task's audit token has the id of its execution context token: an id alone names no entry. */
function seqOfTyp({ index }: Host, typ: string, jti: string): number | undefined {
  const first = index.seqOf(jti);
  return [...(first === null ? [] : [first]), ...index.about(jti)].find((seq) => {
    const row = index.row(seq);
    return row?.typ === typ && row.jti === jti;
  });
}

/** What is held as an execution context token comes first. */
function withAudits(known: KnownEcts, audits: ReadonlyMap<string, KnownEct>): KnownEcts {
  const ofWorkflow = (jti: string, wid: string | undefined): KnownEct | undefined => {
    const audit = audits.get(jti);
    return audit?.wid === wid ? audit : undefined;
  };
  return { ...known, get: (jti, wid) => known.get(jti, wid) ?? ofWorkflow(jti, wid) };
}

/** The log has an audit token of this task by this issuer already. */
function isOnRecord(host: Host, { jti, iss }: AuditTokenClaims): boolean {
  const seq = seqOfTyp(host, AUDIT_TYP, jti);
  return seq !== undefined && host.index.row(seq)?.iss === iss;
}

function ledgerOf({ receipts, receiptContext }: Awaited<ReturnType<typeof receiptUnder>>): AuditContext["ledger"] {
  return { receipts: receipts ?? [], receiptContext: { nowS: 0, ...receiptContext } };
}

/** What a profile that cannot be told here leads to: no key to check under, or no identity. */
const UNTOLD: ReadonlySet<string> = new Set(["token_key_unknown", "audit_idp_unsupported"]);

type ToldStep = Inspected["steps"][number];

/** Says of a row that passed when there was nothing for it to compare with: that is no proof (INV-4). */
export function notedAudit(step: ToldStep, { claims, audit, isCovered, untold }: ExplainedAudit): ToldStep {
  if (untold !== null && step.result === "failed" && UNTOLD.has(step.code ?? ""))
    return {
      procedure: step.procedure,
      step: step.step,
      check: step.check,
      result: "not_checked",
      detail: `cannot be checked: ${untold}`,
    };
  if (step.procedure !== "V1" || step.result !== "passed" || claims === null) return step;
  if (step.step === 6 && claims.ect === undefined)
    return { ...step, result: "not_applicable", detail: "it wraps none: no task was done" };
  if (step.step === 7 && (audit?.external.length ?? 0) > 0)
    return { ...step, detail: `${audit?.external.length} predecessors are outside of this log` };
  if (step.step === 9 && !isCovered)
    return { ...step, result: "not_checked", detail: "no signed head covers it yet, or it is not in this log" };
  const named = claims.evidence?.length ?? 0;
  if (step.step !== 10) return step;
  if (named === 0) return { ...step, result: "not_applicable", detail: "it refers to none" };
  const found = audit?.evidenceFound ?? 0;
  return found === named ? step : { ...step, result: "not_checked", detail: `${found} of ${named} are in this log` };
}

/** By whom it is known who acted: by the task's own signature, by the issuer's word, or by the console's alone. */
export function actorBy({
  claims,
  audit,
  evidenceBy,
}: Pick<ExplainedAudit, "claims" | "audit" | "evidenceBy">): "verified" | "issuer" | "asserted" {
  const asserted = claims?.ect_ext?.[AUDIT_EXT.asserted];
  if (Array.isArray(asserted) && asserted.includes("actor")) return "asserted";
  const sub = claims?.actor?.sub;
  if (audit === null || sub === undefined) return "issuer";
  return audit.ect?.iss === sub || (isHuman(sub) && evidenceBy.has(sub)) ? "verified" : "issuer";
}
