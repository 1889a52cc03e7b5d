import * as z from "zod";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";
import { metricSchema } from "./metrics.ts";
import { profileRefSchema, severitySchema } from "./profile.ts";

export const OBSERVERS = ["self", "sidecar", "peer", "gateway"] as const;
export type Observer = (typeof OBSERVERS)[number];

/** A token elsewhere: its id and digest. */
export const tokenRefSchema = z.strictObject({ jti: uuidSchema, hash: digestSchema });

export const windowSchema = z
  .strictObject({ from: timeSchema, to: timeSchema })
  .refine(({ from, to }) => from < to, { path: ["to"], message: "after it begins" });

export const violationSchema = z.strictObject({
  rule_id: z.string().min(1).max(128),
  severity: severitySchema,
  jti: uuidSchema,
  at: timeSchema,
  detail: z.string().max(512).optional(),
});
export type Violation = z.infer<typeof violationSchema>;

/** Behavioral Evidence Token, `bet+jwt`: an ECT with what an observer saw an agent do in a window (BEH-3). */
export const betClaimsSchema = z
  .object({
    iss: uriSchema,
    aud: z.union([uriSchema, z.array(uriSchema).min(1)]),
    iat: timeSchema,
    exp: timeSchema,
    jti: uuidSchema,
    wid: uuidSchema,
    exec_act: z.literal("behavior_evidence"),
    pred: z.array(uuidSchema).max(100),
    ect_ext: z.record(z.string(), z.json()).optional(),
    bet_ver: z.literal(1),
    /** Agent id in the workflow `wid`. */
    subject: uriSchema,
    observer: z.enum(OBSERVERS),
    profile: profileRefSchema,
    window: windowSchema,
    counts: z.record(z.string().min(1).max(256), z.int().positive()),
    samples: z.int().nonnegative(),
    violations: z.array(violationSchema).max(256),
    metrics: z.partialRecord(metricSchema, z.number()).optional(),
    compliance: z.number().min(0).max(1),
    drift: z.number().min(0).max(1).optional(),
    dag_root: digestSchema.optional(),
    prev_bet: tokenRefSchema.optional(),
    nonce: z.string().min(12).max(88).optional(),
  })
  .refine(({ window, iat }) => window.to <= iat + 30, { path: ["window"], message: "ends by the time of issue" });
export type BetClaims = z.infer<typeof betClaimsSchema>;

export const BET_TYPE: TokenType<BetClaims> = messageType("bet+jwt", betClaimsSchema, 3600);
