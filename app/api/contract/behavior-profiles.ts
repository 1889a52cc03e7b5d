import { eventIterator } from "@orpc/contract";
import * as z from "zod";
import {
  baselineSchema,
  limitRuleSchema,
  profileRefSchema,
  sequenceRuleSchema,
} from "../../protocol/behavior/profile.ts";
import { compactSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { profileVersionSchema } from "./behavior.ts";
import { operation, pastInput, positionSchema } from "./common.ts";

/** Agents, actions, classes and targets that `seen` names at most. */
export const MAX_SEEN = 500;
/** Counter-examples of a suggestion that are named; their number is always told. */
export const MAX_COUNTER_EXAMPLES = 20;
/** Flagged tasks and windows a replay names at most; their numbers are always told. */
export const MAX_FLAGGED = 500;
export const MAX_REPLAY_WINDOWS = 500;
/** Tasks that are learned from in one go: what is more is refused, and a shorter span asked for. */
export const MAX_LEARNED_TASKS = 10_000;

/** Entries from <= seq < to whose tasks are looked at: those that were asked for in them. */
const spanSchema = z
  .object({ from: z.int().nonnegative(), to: z.int().positive() })
  .refine(({ from, to }) => from < to, { path: ["to"], message: "after it begins" });

const agentsSchema = z.array(z.string().min(3).max(1024)).max(64);

/** A task that is named in an answer. */
const namedTaskSchema = z.object({
  jti: uuidSchema,
  /** Entry of its intent; null where it is not in the span. */
  seq: z.int().nullable(),
  wid: uuidSchema,
  agent: uriSchema,
  action: z.string(),
  /** The recorded task's name, when known: untrusted text. */
  taskName: z.string().nullable(),
});
export type NamedTask = z.infer<typeof namedTaskSchema>;

/** What a suggestion would add to a profile. Nothing is ever added but by hand. */
const addsSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("allowed_action"), pattern: z.string() }),
  z.object({ kind: z.literal("sequence"), rule: sequenceRuleSchema }),
  z.object({ kind: z.literal("limit"), rule: limitRuleSchema }),
  z.object({ kind: z.literal("baseline"), baseline: baselineSchema }),
]);

const suggestionSchema = z.object({
  /** Of this answer alone. */
  id: z.string(),
  adds: addsSchema,
  /** How often it could have been broken in the span, and how often it was kept. */
  cases: z.int().nonnegative(),
  held: z.int().nonnegative(),
  /** The first tasks that broke it. */
  counterExamples: z.array(namedTaskSchema),
  /** What its cases are from, and the largest share of them from one workflow, and from one agent, 0..1. */
  workflows: z.int().nonnegative(),
  largestShare: z.number().min(0).max(1),
  agents: z.int().nonnegative(),
  largestAgentShare: z.number().min(0).max(1),
  /** Of a rule of order: how probable it is that it holds that often by mere chance. */
  chance: z.number().min(0).max(1).nullable(),
  /** What it mostly is: the habit of many, of one workflow, or of one agent. */
  rests: z.enum(["many", "one-workflow", "one-agent"]),
  /** Of a limit: up to which value so large a share of the workflows was. */
  quantiles: z.array(z.object({ share: z.number().min(0).max(1), value: z.number() })).optional(),
  /** Of a baseline: in how many of the span's workflows the sequential test would have alarmed under it (BEH-37). */
  alarmed: z.int().nonnegative().optional(),
});
export type Suggestion = z.infer<typeof suggestionSchema>;

const countsSchema = z.object({
  windows: z.int().nonnegative(),
  conformant: z.int().nonnegative(),
  drifting: z.int().nonnegative(),
  nonconformant: z.int().nonnegative(),
  insufficient: z.int().nonnegative(),
  violations: z.int().nonnegative(),
});
export type ReplayCounts = z.infer<typeof countsSchema>;

const judgedSchema = z.object({
  verdict: z.enum(["conformant", "drifting", "nonconformant", "insufficient"]),
  compliance: z.number().min(0).max(1),
  drift: z.number().min(0).max(1).nullable(),
  violations: z.int().nonnegative(),
});
export type JudgedWindow = z.infer<typeof judgedSchema>;

const replayWindowSchema = z.object({
  agent: uriSchema,
  wid: uuidSchema,
  /** Epoch seconds. */
  from: z.int(),
  to: z.int(),
  samples: z.int().nonnegative(),
  draft: judgedSchema,
  /** By the version in force for this agent; null where there is none. */
  inForce: judgedSchema.nullable(),
});
export type ReplayWindow = z.infer<typeof replayWindowSchema>;

const flaggedSchema = namedTaskSchema.extend({
  rule: z.string(),
  severity: z.int().min(1).max(5),
  /** Epoch seconds. */
  at: z.int(),
  /** The version in force says the same of it. */
  already: z.boolean(),
});
export type FlaggedTask = z.infer<typeof flaggedSchema>;

const replayInput = z.object({
  /** Not signed yet: checked here as the engine would, and refused with its codes. */
  profile: z.looseObject({}),
  span: spanSchema,
  limit: z.int().min(1).max(MAX_FLAGGED).default(100),
});

const replayAnswerSchema = z.object({
  position: positionSchema,
  /** Digest of the profile that was replayed: which text the answer is about. */
  hash: z.string(),
  against: profileRefSchema.nullable(),
  agents: z.int().nonnegative(),
  tasks: z.int().nonnegative(),
  draft: countsSchema,
  /** Of the windows that some version in force judges. */
  inForce: countsSchema,
  /** Windows whose verdict is another one, and flagged tasks: how many, and the gravest of them. */
  differ: z.int().nonnegative(),
  windows: z.array(replayWindowSchema),
  /** Limits and rules of order of the draft that could not be judged, because what they are about is not known: in how many windows. */
  unjudged: z.array(z.object({ rule: z.string(), windows: z.int().positive() })),
  flaggedTotal: z.int().nonnegative(),
  flagged: z.array(flaggedSchema),
  tookMs: z.number(),
});

export const behaviorProfilesContract = {
  /** Every version of every profile, by profile, the newest version first. */
  profiles: operation
    .route({ method: "GET", path: "/behavior/profiles" })
    .input(pastInput.optional())
    .output(z.object({ position: positionSchema, profiles: z.array(profileVersionSchema) })),
  /** What agents of this log were and did: to choose from where a profile is written. */
  seen: operation
    .route({ method: "GET", path: "/behavior/seen" })
    .input(z.object({}).optional())
    .output(
      z.object({
        position: positionSchema,
        /** By the id behind those in workflows; what did most first. */
        agents: z.array(
          z.object({
            agent: uriSchema,
            instances: z.int().nonnegative(),
            tasks: z.int().nonnegative(),
            actions: z.array(z.object({ action: z.string(), tasks: z.int().positive() })),
          }),
        ),
        /** As agents stated them. */
        dataClasses: z.array(z.string()),
        targets: z.array(z.string()),
        /** Arguments by which tasks said which thing they are about, as JSON pointers (BEH-63). */
        named: z.array(z.string()),
      }),
    ),
  /** Puts a version of a profile in force (BEH-5): a compact `behavior-profile+jwt` by a person who may. */
  putProfile: operation
    .route({ method: "POST", path: "/behavior/profiles" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ seq: z.int(), jti: uuidSchema })),
  /** What the conduct in a span suggests for a profile, each with what speaks for it and against it. Records nothing. */
  learn: operation
    .route({ method: "POST", path: "/behavior/learn" })
    .input(z.object({ span: spanSchema, agents: agentsSchema }))
    .output(
      z.object({
        position: positionSchema,
        tasks: z.int().nonnegative(),
        workflows: z.int().nonnegative(),
        suggestions: z.array(suggestionSchema),
        /** What was not looked at, so that the answer stays small: rarer names of actions, and rules beyond those told. */
        pruned: z.object({ names: z.int().nonnegative(), rules: z.int().nonnegative() }),
        tookMs: z.number(),
      }),
    ),
  /**
   * What a profile would have said of a span of the log: every window of every agent it applies to, beside what the version in
   * force says of the same windows. Windows open with the first task that is in the span. Records nothing.
   */
  replay: operation.route({ method: "POST", path: "/behavior/replay" }).input(replayInput).output(replayAnswerSchema),
  /** The same with how far it has come, in tasks of the span; the last event carries the answer. */
  replaying: operation
    .route({ method: "POST", path: "/behavior/replaying" })
    .input(replayInput)
    .output(
      eventIterator(
        z.discriminatedUnion("type", [
          z.object({ type: z.literal("progress"), checked: z.int(), total: z.int() }),
          z.object({ type: z.literal("answer"), answer: replayAnswerSchema }),
        ]),
      ),
    ),
};
