import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { ECT_TYPE, LEGACY_ECT_TYPE } from "../ect/ect-token.ts";
import { type PublicJwk, witClaimsSchema } from "../identity/claims.ts";
import { objectDigest } from "../jcs/canonical.ts";
import { parseStrictJson } from "../jcs/strict-json.ts";
import { parseCompact } from "../jose/compact.ts";
import { jwkThumbprint } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { Verified } from "../jose/verify-token.ts";
import { type LogExport, logExportSchema } from "./claims.ts";
import type { CheckerFor } from "./entry-check.ts";
import type { AuditContradiction, UntoldProfiles } from "./profile-check.ts";
import { STH_TYPE } from "./tree-head.ts";
import { type FirstBad, type LogReport, type Question, verifyLog } from "./verify-log.ts";
import type { PinnedHead } from "./verify-receipt.ts";

/** The objects an export carries are the recorded runs that workflows start with: `exec_act` and `obj_typ` of such an ECT. */
const START = "run_start";
const RECORDED_RUN = "recorded-run+json";

/** Reads the text of an export. Refusals: `json_malformed`, `export_malformed`, both with the place. */
export function parseExport(text: string): Result<LogExport, Refusal> {
  const value = parseStrictJson(text);
  if (!value.ok) return err(refusal("json_malformed", `character ${value.error.offset}: ${value.error.detail}`));
  const parsed = logExportSchema.safeParse(value.value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  const place = issue?.path.join(".") || "the file";
  return err(refusal("export_malformed", `not an exported log: ${place}: ${issue?.message ?? "unexpected"}`));
}

/** What the verified entries say that an export's other parts must agree with. */
interface Told {
  /** Keys by id, as the log's identities bind them. */
  readonly keys: Map<string, { readonly subject: string; readonly jwk: PublicJwk; readonly seq: number }>;
  /** Digests of the objects the tokens refer to, with the first entry that does. */
  readonly objects: Map<string, number>;
}

interface ExportOptions {
  /** A head that the reader remembers. */
  readonly pinned?: PinnedHead;
  progress?(checked: number): void;
  /** Ends the verification: its report says that it is unfinished. */
  readonly signal?: AbortSignal;
  readonly checker?: CheckerFor;
}

/**
 * V3 over a whole export (XA-19): its entries and heads, and then what stands beside them: counts, keys, the chain of
 * heads, and every object against the digest the tokens name (COM-11). Nothing the file says of itself is believed; a head
 * that the reader remembers (`pinned`) must be one of this log's.
 */
export async function verifyExport(log: LogExport, sha256: Sha256, options: ExportOptions = {}): Promise<LogReport> {
  const { manifest, entries, heads } = log;
  const told: Told = { keys: new Map(), objects: new Map() };
  const { createAuditCheck } = await import("./audit-check.ts");
  const audits = createAuditCheck();
  const ownIds = [manifest.log_id, `spiffe://${manifest.domain}/pep`];
  const { progress, signal } = options;
  const checker = options.checker?.(entries.length, ownIds) ?? null;
  const report = await verifyLog(
    {
      logId: manifest.log_id,
      ownIds,
      entries: [entries],
      heads,
      expected: { size: manifest.tree_size, root: manifest.root },
      expectedBy: "document",
      ...(options.pinned === undefined ? {} : { pinned: options.pinned }),
      verified: (seq, token) => {
        note(told, seq, token);
        audits.note(seq, token, entries[seq]?.received_at ?? 0);
      },
    },
    sha256,
    {
      ...(progress === undefined ? {} : { progress }),
      ...(signal === undefined ? {} : { signal }),
      ...(checker === null ? {} : { checker }),
    },
  );
  if (report.firstBad !== null || report.unfinished !== null) return report;
  const { found: contradiction, untold } = await audits.finish(sha256);
  const found =
    contradicted(contradiction) ??
    checkManifest(log) ??
    checkHeadChain(log) ??
    (await checkKeys(log, told)) ??
    checkObjects(log, told, sha256) ??
    (await checkCheckpoint(log, told, sha256));
  if (found === null) return untold === null ? report : { ...report, authentic: untoldAnswer(untold) };
  const { question, ...firstBad } = found;
  const answer = { result: "failed", detail: firstBad.detail } as const;
  return { ...report, [question]: answer, firstBad, entriesBefore: firstBad.seq };
}

type Found = FirstBad & { readonly question: Question };

/** XA-64: neither passed nor failed. */
function untoldAnswer({ count, why }: UntoldProfiles): LogReport["authentic"] {
  const whose = count === 1 ? "one audit token" : `${count} audit tokens`;
  return {
    result: "not_checked",
    detail: `every signature verifies as of its receipt; whose ${whose} ${count === 1 ? "is" : "are"} cannot be checked: ${why}`,
  };
}

/** V3: each audit token by V1, as far as the log can tell. */
function contradicted(found: AuditContradiction | null): Found | null {
  if (found === null) return null;
  const { seq, code, detail } = found;
  return { seq, code, detail, place: `entries.${seq}`, question: "authentic" };
}

function note(told: Told, seq: number, { typ, claims }: Verified<unknown>): void {
  const wit = typ === "wit+jwt" ? witClaimsSchema.safeParse(claims) : null;
  if (wit?.success === true) {
    const { sub, cnf } = wit.data;
    if (cnf.jwk.kid !== undefined) told.keys.set(cnf.jwk.kid, { subject: sub, jwk: cnf.jwk, seq });
    return;
  }
  const type = [ECT_TYPE, LEGACY_ECT_TYPE].find((candidate) => candidate.typ.includes(typ));
  const ect = type?.schema.safeParse(claims);
  if (ect?.success !== true || ect.data.exec_act !== START) return;
  const { obj_typ, obj_hash } = ect.data.ect_ext ?? {};
  if (obj_typ === RECORDED_RUN && typeof obj_hash === "string" && !told.objects.has(obj_hash))
    told.objects.set(obj_hash, seq);
}

function checkManifest({ manifest, keys, heads, entries, objects }: LogExport): Found | null {
  const counted: readonly (readonly [member: "entries" | "heads" | "keys" | "objects", count: number, Question])[] = [
    ["entries", entries.length, "complete"],
    ["heads", heads.length, "consistent"],
    ["keys", keys.length, "authentic"],
    ["objects", Object.keys(objects).length, "complete"],
  ];
  const wrong = counted.find(([member, count]) => manifest[member] !== count);
  if (wrong !== undefined) {
    const [member, count, question] = wrong;
    const detail = `the manifest counts ${manifest[member]} ${member}; the file has ${count}`;
    return { seq: entries.length, code: "log_manifest_mismatch", detail, place: `manifest.${member}`, question };
  }
  if (manifest.from === 0) return null;
  const detail = `the manifest says the entries begin at ${manifest.from}; they begin at 0`;
  return { seq: 0, code: "log_manifest_mismatch", detail, place: "manifest.from", question: "complete" };
}

/** Each head names the one before it; so one that was taken out from between is missed by the next. */
function checkHeadChain({ heads, entries }: LogExport): Found | null {
  const read = heads.flatMap((compact, at) => {
    const parsed = parseCompact(compact);
    const claims = parsed.ok ? STH_TYPE.schema.safeParse(parsed.value.payload) : null;
    return claims?.success === true ? [{ at, claims: claims.data }] : [];
  });
  const sizes = new Set(read.map(({ claims }) => claims.tree_size));
  const orphan = read.find(({ claims }) => claims.prev_size > 0 && !sizes.has(claims.prev_size));
  if (orphan === undefined) return null;
  const detail = `tree head ${orphan.at} follows one over ${orphan.claims.prev_size} entries, which the file does not have`;
  return {
    seq: Math.min(entries.length, orphan.claims.prev_size),
    code: "log_incomplete",
    detail,
    place: `heads.${orphan.at}`,
    question: "consistent",
  };
}

/** `keys` are a convenience for readers: exactly what the identities in the entries bind, and all of it. */
async function checkKeys({ keys }: LogExport, told: Told): Promise<Found | null> {
  const bad = (seq: number, detail: string, place: string): Found => ({
    seq,
    code: "log_keys_mismatch",
    detail,
    place,
    question: "authentic",
  });
  const missing = new Map(told.keys);
  for (const [at, { kid, subject, jwk }] of keys.entries()) {
    const bound = told.keys.get(kid);
    const place = `keys.${at}`;
    if (bound === undefined) return bad(0, `no identity in the log brings the key ${kid} of ${subject}`, place);
    if (!missing.delete(kid)) return bad(bound.seq, `the key ${kid} is there twice`, place);
    if (bound.subject !== subject)
      return bad(bound.seq, `entry ${bound.seq} gives the key ${kid} to ${bound.subject}, not to ${subject}`, place);
    const same = jwk.kid === bound.jwk.kid && jwk.alg === bound.jwk.alg;
    if (!same || (await jwkThumbprint(jwk)) !== kid || (await jwkThumbprint(bound.jwk)) !== kid)
      return bad(bound.seq, `the key of ${subject} is not the one that entry ${bound.seq} brings`, place);
  }
  for (const [kid, { subject, seq }] of missing)
    return bad(seq, `the key ${kid} of ${subject}, which entry ${seq} brings, is not among the keys`, "keys");
  return null;
}

/** COM-11: who holds an object compares its digest with the one the tokens name. */
function checkObjects({ objects, entries }: LogExport, told: Told, sha256: Sha256): Found | null {
  for (const [digest, object] of Object.entries(objects)) {
    const seq = told.objects.get(digest);
    const place = `objects.${digest}`;
    const actual = objectDigest(object, sha256);
    if (!actual.ok || actual.value !== digest) {
      const by = seq === undefined ? "" : `, which entry ${seq} refers to`;
      const detail = `the bytes of the object ${digest}${by}, do not have this digest`;
      return { seq: seq ?? entries.length, code: "object_hash_mismatch", detail, place, question: "authentic" };
    }
    if (seq === undefined) {
      const detail = `no entry refers to the object ${digest}`;
      return { seq: entries.length, code: "object_unknown", detail, place, question: "authentic" };
    }
  }
  for (const [digest, seq] of told.objects) {
    if (Object.hasOwn(objects, digest)) continue;
    const detail = `entry ${seq} refers to the object ${digest}, which the file does not have`;
    return { seq, code: "log_incomplete", detail, place: `objects.${digest}`, question: "complete" };
  }
  return null;
}

/** What reads checkpoints is loaded with the first one: it is not for every start of a worker. */
async function checkCheckpoint(log: LogExport, told: Told, sha256: Sha256): Promise<Found | null> {
  if (log.checkpoint === undefined) return null;
  const { log_id, tree_size } = log.manifest;
  const keys = [...told.keys.values()].filter(({ subject }) => subject === log_id).map(({ jwk }) => jwk);
  const { wrongCheckpoint } = await import("./export-checkpoint.ts");
  const wrong = await wrongCheckpoint(log, keys, sha256);
  return wrong === null ? null : { seq: tree_size, place: "checkpoint", ...wrong };
}
