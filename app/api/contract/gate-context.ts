import * as z from "zod";
import { consequenceSchema } from "../../protocol/acp/claims.ts";
import { digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";

/** What a decision needs to be seen in its place: what it reaches, who allowed it, what it rests on, what was done before. */

/** Tasks that can only run after this one, those among them that cannot be undone, and how many agents they are of. */
export const blastSchema = z.object({ tasks: z.int(), irreversible: z.int(), agents: z.int() });

/** What the policy lets the agent touch, where it says so: null where it sets no such limit. */
const limitSchema = z.object({
  name: z.enum(["resources", "domains", "data_classes", "protocols"]),
  values: z.array(z.string()).nullable(),
});

export const reachSchema = z.object({
  /** Agents the following tasks are of, the most tasks first; at most 50 of `blast.agents`. */
  agents: z.array(z.object({ agent: uriSchema, tasks: z.int(), irreversible: z.int() })),
  /** Names of following tasks that cannot be undone: untrusted text, at most 20. */
  irreversible: z.array(z.string()),
  limits: z.array(limitSchema),
});

/** One node of the policy on the way from its root to the node that allows the action. Node names come from the policy. */
const lineageStepSchema = z.object({
  node: z.string(),
  /** Agent or pattern of agents. */
  agent: z.string(),
  /** Nodes that delegate to it; empty for the root. */
  from: z.array(z.string()),
  actions: z.array(z.string()),
  consequence: consequenceSchema,
  /** Limits that this node sets itself, and what held before it; values in words of the policy. */
  narrowed: z.array(z.object({ name: z.string(), value: z.string(), was: z.string().nullable() })),
});

export const lineageSchema = z.object({
  /** The policy in force for the workflow: its token, its entry, who issued it and to whom. */
  policy: z.object({
    jti: uuidSchema,
    seq: z.int(),
    issuer: uriSchema,
    holder: uriSchema,
    parent: uuidSchema.nullable(),
  }),
  /** Root first, the node that allows the action last. Empty where no node does. */
  steps: z.array(lineageStepSchema),
});

/** The last settled request for the same action of the same agent, with the arguments it was about. */
export const previousSchema = z.object({
  request: uuidSchema,
  seq: z.int(),
  /** False where it is of an agent of the same name in another workflow. */
  sameAgent: z.boolean(),
  state: z.string(),
  /** Epoch seconds; null where the log does not say. */
  closedAt: z.int().nullable(),
  taskName: z.string(),
  target: z.string().nullable(),
  canonicalArgs: z.string(),
  argsHash: digestSchema,
});

/** A record the action rests on: `level` as verified again now, 0 where it is not in this log or does not verify. */
export const evidenceSchema = z.object({
  jti: uuidSchema,
  /** The task came before it, or the agent names it. */
  source: z.enum(["predecessor", "named"]),
  seq: z.int().nullable(),
  level: z.int().min(0).max(3),
});
