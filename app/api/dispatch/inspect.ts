import * as z from "zod";
import { err, ok, type Result } from "../../base/result.ts";
import type { Host } from "../../host/open-host.ts";
import { AUDIT_TYP } from "../../protocol/audit/audit-token.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { ECT_TYP, LEGACY_ECT_TYP } from "../../protocol/ect/ect-token.ts";
import { type CompactParts, parseCompact, peekTyp } from "../../protocol/jose/compact.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";
import type { TokenType } from "../../protocol/jose/token-type.ts";
import { explainToken, type VerificationStep } from "../../protocol/jose/verify-token.ts";
import { KNOWN_TYPS, tokenTypeOf } from "../../protocol/token-types.ts";
import type { Inspected, InspectInput } from "../contract/inspect.ts";
import { type AsOf, policySteps } from "./acceptance.ts";
import { positionOf } from "./base.ts";
import { readRuns, rowsAt, showRow } from "./entries.ts";
import { referencesOf } from "./links.ts";
import { explainEctAt } from "./open-ect.ts";
import { storedEntry } from "./open-token.ts";
import { referrersOf } from "./referrers.ts";

/** Nothing is of this type: what is not of the family fails at its type, or before it. */
const NO_TYPE: TokenType<unknown> = {
  typ: KNOWN_TYPS,
  schema: z.never(),
  audience: "required",
  expiry: "required",
  maxLifetimeS: () => 0,
  replayScope: () => null,
};

/** A token and where it is from: an entry of this log, or from outside. */
interface Subject {
  readonly token: string;
  readonly entry: LedgerEntry | null;
}

/**
 * A token looked at: every step of its verification under the keys of this log, and what it belongs to here. One that is in
 * the log is verified as of its receipt (COM-2), any other as of now, unless a time is given. Nothing of it is kept.
 */
export async function inspect(host: Host, input: InspectInput): Promise<Result<Inspected, Refusal>> {
  const { index, engine, ports } = host;
  await index.catchUp();
  const found = await subjectOf(host, input);
  if (!found.ok) return found;
  const { token, entry } = found.value;
  const parsed = parseCompact(token);
  const parts = parsed.ok ? parsed.value : null;
  const nowS = Math.floor(ports.clock.nowMs() / 1000);
  const at = input.at ?? entry?.received_at ?? nowS;
  const jti = typeof parts?.payload.jti === "string" ? parts.payload.jti : null;
  const kid = parts?.header.kid;
  const key = kid === undefined ? undefined : await engine.keyOf(kid);
  const row = entry === null ? undefined : index.row(entry.seq);
  const typ = peekTyp(token);
  return ok({
    position: await positionOf(host),
    entry: row === undefined ? null : showRow(host, await readRuns(host), row),
    token: "token" in input ? null : token,
    typ,
    isKnown: typ !== null && tokenTypeOf(typ) !== undefined,
    header: { ...parts?.header } as Inspected["header"],
    claims: { ...parts?.payload } as Inspected["claims"],
    digest: tokenDigest(token, ports.sha256),
    at,
    asOf: input.at !== undefined ? "given" : entry === null ? "now" : "receipt",
    ownIds: [engine.ids.pepId, engine.ids.logId],
    key: key === undefined ? null : { kid: key.kid, subject: key.subject, until: key.revokedAt },
    steps: await stepsOf(host, found.value, typ, { at, isGiven: input.at !== undefined }, parts),
    ...(await lineageOf(host, parts, jti, entry)),
  });
}

/** The token that is asked about. A text that is one of the log's is that entry, whoever brings it. */
async function subjectOf(host: Host, input: InspectInput): Promise<Result<Subject, Refusal>> {
  if ("token" in input) {
    const parsed = parseCompact(input.token);
    const jti = parsed.ok ? parsed.value.payload.jti : undefined;
    for (const seq of typeof jti === "string" ? seqsOf(host, jti) : []) {
      const entry = await storedEntry(host, seq);
      if (entry?.token === input.token) return ok({ token: input.token, entry });
    }
    return ok({ token: input.token, entry: null });
  }
  const seq = "seq" in input ? input.seq : host.index.seqOf(input.jti);
  const entry = seq === null ? null : await storedEntry(host, seq);
  if (entry !== null) return ok({ token: entry.token, entry });
  const what = "seq" in input ? `no entry ${input.seq}` : "no token with this id";
  return err(refusal("entry_unknown", `the log has ${what}`));
}

/** Entries under a token id: a task's audit token has the id of its execution context token. */
function seqsOf({ index }: Host, jti: string): readonly number[] {
  const first = index.seqOf(jti);
  const others = index.about(jti).filter((seq) => seq !== first && index.row(seq)?.jti === jti);
  return first === null ? others : [first, ...others];
}

type Step = Inspected["steps"][number];

async function stepsOf(
  host: Host,
  { token, entry }: Subject,
  typ: string | null,
  asOf: AsOf,
  parts: CompactParts | null,
): Promise<Step[]> {
  const nowS = asOf.at;
  if (typ === ECT_TYP || typ === LEGACY_ECT_TYP) {
    const wid = parts?.payload.wid;
    const { steps } = await explainEctAt(host, token, { wid: typeof wid === "string" ? wid : undefined, nowS, entry });
    return steps.map(numbered).map(noted(undefined));
  }
  const type = typ === null ? undefined : tokenTypeOf(typ);
  const kid = parts?.header.kid;
  const key = kid === undefined ? undefined : await host.engine.keyOf(kid);
  const audited =
    typ === AUDIT_TYP
      ? await import("./open-audit.ts").then(async ({ explainAuditAt, notedAudit }) => ({
          explained: await explainAuditAt(host, token, { nowS, entry }),
          notedAudit,
        }))
      : null;
  // An audit token's key may come through its identity profile, under any name (V1 step 2).
  const under = key ?? audited?.explained.key ?? undefined;
  const steps = await explainToken(type ?? NO_TYPE, token, {
    nowS,
    ownIds: [host.engine.ids.pepId, host.engine.ids.logId],
    resolveKey: (named) => (named === kid ? under : undefined),
    seen: () => entry === null && isUsed(host, parts),
    algorithms: ["ES256", "EdDSA"],
    sha256: host.ports.sha256,
  });
  const common = steps.map(numbered).map(noted(type));
  if (audited !== null) {
    const { explained, notedAudit } = audited;
    const own = explained.steps.filter(({ step }) => step !== COMMON_ROW).map(numbered);
    return [...common, ...own].map((step) => notedAudit(step, explained));
  }
  return typ === "acp+jwt"
    ? [...common, ...(await policySteps(host, common, parts?.payload, { entry, asOf }))]
    : common;
}

/** V1 step 2 is common token verification, which is told step by step. */
const COMMON_ROW = 2;

/** COM-7: the log has another token of this issuer under this id. */
function isUsed({ index }: Host, parts: CompactParts | null): boolean {
  const { iss, jti } = parts?.payload ?? {};
  const seq = typeof jti === "string" ? index.seqOf(jti) : null;
  return seq !== null && index.row(seq)?.iss === iss;
}

const numbered = ({ procedure = "CTV", ...step }: VerificationStep): Step => ({ procedure, ...step });

/** Says of a step that passed when there was nothing for it to check: that is no proof (INV-4). */
const noted =
  (type: TokenType<unknown> | undefined) =>
  (step: Step): Step => {
    if (step.result !== "passed" || step.detail !== undefined) return step;
    const detail = NOTHING_TO_CHECK[`${step.procedure}.${step.step}`]?.(type);
    return detail === undefined ? step : { ...step, detail };
  };

const NOTHING_TO_CHECK: Readonly<Record<string, (type: TokenType<unknown> | undefined) => string | undefined>> = {
  "CTV.11": (type) => (type?.audience === "none" ? "a token of this type is addressed to nobody" : undefined),
  "CTV.12": (type) => (type?.expiry === "none" ? "a token of this type has no end" : undefined),
  "D2.1": () => "nothing came along with it",
};

async function lineageOf(host: Host, parts: CompactParts | null, jti: string | null, entry: LedgerEntry | null) {
  const references = referencesOf(parts?.payload ?? {});
  const referrers = jti === null ? null : await referrersOf(host, jti, entry?.seq ?? null);
  const seqs = references.map((reference) => host.index.seqOf(reference.jti));
  const rows = new Map(
    (
      await rowsAt(host, [...seqs.filter((seq) => seq !== null), ...(referrers?.found ?? []).map(({ seq }) => seq)])
    ).map((row) => [row.seq, row]),
  );
  return {
    names: references.map(({ rel, jti: named }, at) => ({ rel, jti: named, entry: rows.get(seqs[at] ?? -1) ?? null })),
    namedBy: (referrers?.found ?? []).flatMap(({ rel, seq }) => {
      const row = rows.get(seq);
      return row === undefined ? [] : [{ rel, entry: row }];
    }),
    isNamedByAll: referrers?.isAll ?? true,
  };
}
