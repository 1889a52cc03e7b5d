import { must } from "../../base/assert.ts";
import { toBase64url } from "../../base/bytes.ts";
import { EXAMPLE_IAT, sha256, taskId, WID } from "../ect/ect.fixture.ts";
import { createEctMemory } from "../ect/known-ects.ts";
import { knownEct, verifyEct } from "../ect/verify-ect.ts";
import type { PublicJwk } from "../identity/claims.ts";
import { type Algorithm, generateSigner, importPublicKey, type Signer, type TrustedKey } from "../jose/keys.ts";
import { signToken, tokenDigest } from "../jose/sign-token.ts";
import { cachedRangeRoot, inclusionPath, rootOf } from "../merkle/tree.ts";
import type { AuditContext } from "./audit-context.ts";
import type { ReceiptClaims } from "./claims.ts";
import { entryLeaf } from "./entry.ts";
import { verifyAuditToken } from "./verify-audit-token.ts";

export const LEDGER = "spiffe://ops.example/ledger";
export const GATEWAY = "spiffe://ops.example/pep";
export const NOW = EXAMPLE_IAT + 60;
export const MADE = EXAMPLE_IAT + 35;

export interface Party {
  readonly signer: Signer;
  readonly jwk: PublicJwk;
  readonly trusted: TrustedKey;
}

export async function partyOf(subject: string, alg: Algorithm = "ES256"): Promise<Party> {
  const { signer, jwk } = await generateSigner(alg);
  const imported = await importPublicKey(jwk);
  const { key } = must(imported.ok ? imported.value : null, "a new key imports");
  return { signer, jwk, trusted: { kid: signer.kid, subject, alg, key, revokedAt: null } };
}

/** The example of execution-audit.md section (g), as it stands there. */
export const EXAMPLE_AUDIT = {
  iss: "spiffe://ops.example/agent/executor",
  aud: [LEDGER],
  iat: 1772064035,
  exp: 1772064635,
  jti: "0195400c-0000-7000-8000-000000000002",
  wid: "0195400c-0000-7000-8000-00000000000a",
  exec_act: "apply_change",
  pred: ["0195400c-0000-7000-8000-000000000001"],
  aud_ver: 1,
  level: 3,
  domain: "ops.example",
  idp: { kind: "wimse", wit_hash: "AaYUfC34D1di2FxQLpiIJJ7Sg8VZ6o8OCdwSf9IToLg" },
  jurisdictions: ["EU"],
  outcome: "success",
  started_at: 1772064012,
  ended_at: 1772064030,
  severity: "notice",
  evidence: [
    {
      typ: "hitl-decision+jwt",
      id: "0195400c-0000-7000-8000-0000000000d1",
      hash: "EgB83pxwvXX9L-Ak62UzRgbtSMdkkyYSMyydl5OSs_4",
    },
  ],
  retention_until: 1929744000,
} as const;

/** A receipt of a one-entry log of `log` for a token, as its claims. */
export function receiptFor(token: string, change: Partial<ReceiptClaims> = {}): ReceiptClaims {
  const entry = { seq: 1, token, received_at: NOW - 5, submitter: GATEWAY };
  const leaves = [entryLeaf({ ...entry, seq: 0, token: "a.b.c" }, sha256), entryLeaf(entry, sha256)];
  const root = toBase64url(rootOf(leaves, sha256));
  const path = inclusionPath(1, 2, cachedRangeRoot(leaves, sha256)).map(toBase64url);
  const { seq, received_at, submitter } = entry;
  const stated = { iss: LEDGER, iat: NOW, jti: taskId(0xb1), sub_hash: tokenDigest(token, sha256), vds: 1 as const };
  return { ...stated, seq, received_at, submitter, tree_size: 2, root, path, ...change };
}

/** A domain with two tasks on record, of which the second is wrapped by audit tokens of its gateway. */
export async function createDomain() {
  const log = await partyOf(LEDGER);
  const gateway = await partyOf(GATEWAY);
  const planner = await partyOf("spiffe://ops.example/agent/planner");
  const parties = [log, gateway, planner];
  const resolveKey = (kid: string): TrustedKey | undefined =>
    parties.map(({ trusted }) => trusted).find((key) => key.kid === kid);
  const wit = await signToken(
    "wit+jwt",
    { iss: LEDGER, sub: GATEWAY, iat: NOW - 3600, exp: NOW + 3600, jti: taskId(0xe1), cnf: { jwk: gateway.jwk } },
    log.signer,
  );
  const known = createEctMemory();
  const ect = async (number: number, pred: readonly string[]): Promise<string> => {
    const token = await signToken(
      "exec+jwt",
      {
        iss: planner.trusted.subject,
        aud: [LEDGER],
        iat: EXAMPLE_IAT + number,
        exp: EXAMPLE_IAT + 600,
        jti: taskId(number),
        wid: WID,
        exec_act: "plan_change",
        pred,
        inp_hash: tokenDigest(`in ${number}`, sha256),
        out_hash: tokenDigest(`out ${number}`, sha256),
      },
      planner.signer,
    );
    const verified = await verifyEct(token, {
      nowS: EXAMPLE_IAT + 20,
      ownIds: [LEDGER],
      resolveKey,
      seen: () => false,
      sha256,
      known,
    });
    known.add(knownEct(must(verified.ok ? verified.value : null, "an ECT that verifies")));
    return token;
  };
  await ect(1, []);
  const second = await ect(2, [taskId(1)]);
  const claims = (change: object = {}): Record<string, unknown> => ({
    iss: GATEWAY,
    aud: [LEDGER],
    iat: MADE,
    exp: MADE + 600,
    jti: taskId(2),
    wid: WID,
    exec_act: "plan_change",
    pred: [taskId(1)],
    inp_hash: tokenDigest("in 2", sha256),
    out_hash: tokenDigest("out 2", sha256),
    aud_ver: 1,
    level: 2,
    idp: { kind: "wimse", wit_hash: tokenDigest(wit, sha256) },
    domain: "ops.example",
    ect: { jti: taskId(2), hash: tokenDigest(second, sha256) },
    actor: { sub: planner.trusted.subject },
    outcome: "success",
    started_at: EXAMPLE_IAT,
    ended_at: EXAMPLE_IAT + 3,
    ...change,
  });
  const context: AuditContext = {
    nowS: NOW,
    ownIds: [LEDGER],
    resolveKey,
    seen: () => false,
    sha256,
    identities: { wit: async () => wit },
    ectOf: async ({ jti }) => (jti === taskId(2) ? { token: second, receivedAt: EXAMPLE_IAT + 10 } : null),
    known,
  };
  const sign = (change: object = {}, by: Party = gateway): Promise<string> =>
    signToken("exec-audit+jwt", claims(change), by.signer);
  const code = async (token: string, change: Partial<AuditContext> = {}): Promise<string> => {
    const verified = await verifyAuditToken(token, { ...context, ...change });
    return verified.ok ? `level ${verified.value.level}` : verified.error.code;
  };
  const receipt = (token: string, change: Partial<ReceiptClaims> = {}, by: Party = log): Promise<string> =>
    signToken("audit-receipt+jwt", receiptFor(token, change), by.signer);
  return { log, gateway, planner, wit, second, known, claims, context, sign, code, receipt, resolveKey };
}
export type Domain = Awaited<ReturnType<typeof createDomain>>;
