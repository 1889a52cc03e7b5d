import * as z from "zod";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";

/** Override signal, acknowledgement, compliance report (override.md section b). */
export const overrideScopeSchema = z.object({
  kind: z.enum(["agent", "task", "workflow", "domain", "group"]),
  id: z.string().min(1).max(1024),
});
export type OverrideScope = z.infer<typeof overrideScopeSchema>;

export const overrideClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.array(z.string().min(1)).min(1),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  ovr_ver: z.literal(1),
  level: z.enum(["advisory", "mandatory", "emergency"]),
  action: z.enum(["pause", "resume", "modify", "stop", "rollback", "takeover", "release", "advise"]),
  scope: overrideScopeSchema,
  params: z.record(z.string(), z.json()),
  priority: z.int().min(0).max(9).default(5),
  seq: z.int().nonnegative(),
  supersedes: uuidSchema.optional(),
  effect_until: timeSchema.optional(),
  deadline_ms: z.int().positive(),
  on_no_ack: z.enum(["escalate", "isolate", "none"]).default("escalate"),
  reason: z.string().min(1).max(2000),
  auth_time: timeSchema,
  amr: z.array(z.string()).min(1),
  role: z.string().min(1),
  cosign: z.array(z.string()).optional(),
  acp: z.object({ jti: uuidSchema, hash: digestSchema }).optional(),
});
export type OverrideClaims = z.infer<typeof overrideClaimsSchema>;
export type OverrideClaimsInput = z.input<typeof overrideClaimsSchema>;

export const overrideAckClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.array(z.string()).min(1),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  signal: z.object({ jti: uuidSchema, hash: digestSchema }),
  stage: z.enum(["received", "accepted", "refused", "in_progress", "complied", "partially_complied", "failed"]),
  at: timeSchema,
  code: z.string().optional(),
  state: z.string(),
  running_tasks: z.array(uuidSchema).max(100),
  residue: z.array(z.string().max(500)).max(32),
  alternatives: z.string().max(2000).optional(),
  ect: uuidSchema.optional(),
});
export type OverrideAckClaims = z.infer<typeof overrideAckClaimsSchema>;

export const overrideComplianceClaimsSchema = z.object({
  iss: uriSchema,
  iat: timeSchema,
  jti: uuidSchema,
  signal: z.object({ jti: uuidSchema, hash: digestSchema }),
  /** The target the verdict is about: an agent id [ours; a signal may have many targets]. */
  target: uriSchema,
  verdict: z.enum(["compliant", "late", "violated", "unverifiable"]),
  observed: z.array(
    z.object({
      kind: z.enum(["ect", "network", "resource", "heartbeat"]),
      at: timeSchema,
      detail: z.string().max(500),
      jti: uuidSchema.optional(),
    }),
  ),
  first_violation_at: timeSchema.optional(),
  latency_ms: z.int().nonnegative(),
});
export type OverrideComplianceClaims = z.infer<typeof overrideComplianceClaimsSchema>;
