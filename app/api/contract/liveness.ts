import * as z from "zod";
import { compactSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { LINK_LOSS_ACTS } from "../../protocol/liveness/terms.ts";
import { operation, pastInput, positionSchema } from "./common.ts";

/** A lease (L5): who lets the agent run, until when, and when within it somebody is asked to renew it. */
export const leaseSchema = z.object({
  jti: uuidSchema,
  by: uriSchema,
  /** Epoch seconds. */
  at: z.int(),
  promptAt: z.int(),
  soundAt: z.int(),
  until: z.int(),
  durationS: z.int(),
  /** It has run out: what was under way ends, and nothing begins. */
  lapsed: z.boolean(),
  /** Ms until it runs out, by the host's monotonic clock (of the past, by the log's times); null where it has, or is about to. */
  remainingMs: z.number().nullable(),
  seq: z.int(),
});
export type LeaseView = z.infer<typeof leaseSchema>;

/** The link of an agent that is not heard of (O4), and what is done about it. */
export const linkSchema = z.object({
  /** `degraded`: nothing irreversible. `restricted`: nothing with a consequence. `planned`: its plan has been carried out. */
  stage: z.enum(["degraded", "restricted", "planned"]),
  /** Epoch seconds. */
  heardAt: z.int(),
  at: z.int(),
  seq: z.int(),
});

export const agentLivenessSchema = z.object({
  agent: uriSchema,
  plan: z.object({ do: z.enum(LINK_LOSS_ACTS), afterS: z.int() }),
  /** Somebody declared it with the start; otherwise it is what holds for every agent. */
  declared: z.boolean(),
  lease: leaseSchema.nullable(),
  link: linkSchema.nullable(),
  /** Ms that its clock is ahead of the host's, from its heartbeats (L7); null where nothing was heard of it since the host opened. */
  clockOffsetMs: z.number().nullable(),
  /** The last loss that ended: epoch seconds, for how long, and how far it had gone. */
  returned: z.object({ at: z.int(), awayS: z.int(), stage: linkSchema.shape.stage, seq: z.int() }).nullable(),
});
export type AgentLivenessView = z.infer<typeof agentLivenessSchema>;

/** The discovery document of override.md: where and how this domain's agents are overridden (OVR-7). */
export const discoverySchema = z.object({
  ver: z.literal(1),
  /** Where signals are posted, and where changes are streamed from; null where there is no network between the two. */
  endpoint: z.string().nullable(),
  stream: z.string().nullable(),
  levels: z.array(z.string()),
  actions: z.array(z.string()),
  /** Longest compliance deadline by level, ms. */
  deadline_ms: z.record(z.string(), z.int()),
  heartbeat_s: z.int(),
  /** Public keys of the enforcement point and the log: what they sign is verified with these. */
  keys: z.object({ keys: z.array(z.record(z.string(), z.string())) }),
  /** What the loss of an agent's channel leads to (O4), and what its plan may be (L3). */
  degraded_modes: z.array(z.string()),
  domains: z.array(z.string()),
});

export const livenessContract = {
  discovery: operation.route({ method: "GET", path: "/liveness/discovery" }).output(discoverySchema),
  /** Leases, link-loss plans and links of the agents of a workflow, or of those in all that go on for which there is something to say. */
  agents: operation
    .route({ method: "GET", path: "/liveness/agents" })
    .input(pastInput.extend({ wid: uuidSchema.optional() }))
    .output(
      z.object({
        position: positionSchema,
        /** Seconds between heartbeats, and of silence until an agent is degraded and restricted (O4). */
        heartbeatS: z.int(),
        degradedAfterS: z.int(),
        restrictedAfterS: z.int(),
        agents: z.array(agentLivenessSchema),
      }),
    ),
  /** Gives or renews a lease: a compact `lease+jwt` by the operator. */
  lease: operation
    .route({ method: "POST", path: "/liveness/leases" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ seq: z.int() })),
};
