import * as z from "zod";
import type { Json } from "../app/base/json.ts";
import { explainAuditToken } from "../app/protocol/audit/verify-audit-token.ts";
import { createEctMemory } from "../app/protocol/ect/known-ects.ts";
import { knownEct, verifyEct } from "../app/protocol/ect/verify-ect.ts";
import { timeSchema } from "../app/protocol/jose/formats.ts";
import { tokenDigest } from "../app/protocol/jose/sign-token.ts";
import type { VerifyContext } from "../app/protocol/jose/verify-token.ts";

/** What comes along with an audit token on its line: nothing is fetched. */
export const alongSchema = z
  .strictObject({
    /** Identity tokens that `idp` may name, and execution context tokens it may wrap or follow. */
    wits: z.array(z.string()).max(100).default([]),
    ects: z
      .array(z.strictObject({ token: z.string(), received_at: timeSchema }))
      .max(1000)
      .default([]),
    evidence: z.array(z.string()).max(100).default([]),
    receipts: z.array(z.string()).max(16).default([]),
    /** Logs whose receipts count; how many of them are needed. */
    logs: z.array(z.string()).max(16).default([]),
    needed: z.int().min(1).max(16).default(1),
    /** Domains of issuers whose ids name none. */
    domains: z.record(z.string(), z.string()).default({}),
    minimum_level: z.union([z.literal(1), z.literal(2), z.literal(3)]).default(2),
  })
  .optional();
export type Along = NonNullable<z.infer<typeof alongSchema>>;

/** V1 for one line, from what the line brings; with the level it comes to. */
export async function answerAudit(token: string, along: Along, context: VerifyContext): Promise<Json> {
  const digestOf = (text: string): string => tokenDigest(text, context.sha256);
  const find = (tokens: readonly string[], hash: string): string | null =>
    tokens.find((one) => digestOf(one) === hash) ?? null;
  const known = createEctMemory();
  for (const ect of along.ects) {
    const verified = await verifyEct(ect.token, {
      ...context,
      nowS: ect.received_at,
      known,
      dag: { missing: "partial" },
    });
    if (verified.ok) known.add(knownEct(verified.value));
  }
  const { steps, audit } = await explainAuditToken(token, {
    ...context,
    minimumLevel: along.minimum_level,
    identities: { wit: async (hash) => find(along.wits, hash) },
    domainOf: (iss) => along.domains[iss] ?? null,
    ectOf: async ({ hash }) => {
      const held = along.ects.find((ect) => digestOf(ect.token) === hash);
      return held === undefined ? null : { token: held.token, receivedAt: held.received_at };
    },
    known,
    dag: { missing: "partial" },
    // By digest alone: what is not on the line is not at hand.
    evidenceOf: async ({ hash }) => find(along.evidence, hash),
    ledger: {
      receipts: along.receipts,
      needed: along.needed,
      receiptContext: {
        nowS: context.nowS,
        resolveKey: (kid) => context.resolveKey(kid),
        pinnedHeads: (log) => (along.logs.includes(log) ? [] : undefined),
      },
    },
  });
  const failed = steps.find((step) => step.result === "failed");
  return {
    ok: failed === undefined,
    code: failed?.code ?? null,
    level: audit?.level ?? 0,
    external: audit?.external.map(({ jti }) => jti) ?? [],
    steps: steps.map(({ step, check, result, detail = result.replace("_", " ") }) => ({
      step,
      name: check,
      ok: result === "not_reached" ? null : result === "passed",
      detail,
    })),
  };
}
