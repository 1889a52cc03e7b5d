import * as z from "zod";
import { domainInput, operation, positionSchema } from "./common.ts";

/** Entries in one part at most: places in its lists of words then fit into 16 bits. */
export const LANES_PART = 50_000;

/** How an entry follows from another, in the order of the numbers in `kinds`; see `lane-index.ts`. */
export const LANE_CAUSES = ["pred", "answers", "task", "late"] as const;
export type LaneCause = (typeof LANE_CAUSES)[number];

/** In the order of the numbers in `severity`. */
export const LANE_SEVERITIES = ["info", "notice", "warning", "critical"] as const;

const packed = z.string();

/** A run of numbers, little-endian, as base64url: 8, 16 or 32 bits each, as said. One per entry where nothing else is said. */
export const lanesPartSchema = z.object({
  position: positionSchema,
  /** The trust domain whose log this is. */
  domain: z.string(),
  /** Place of the first entry; the others follow without a gap. */
  from: z.int().nonnegative(),
  count: z.int().nonnegative(),
  /** What words stand in this part, each once: untrusted and bounded. */
  words: z.object({
    typ: z.array(z.string()),
    actor: z.array(z.string()),
    wid: z.array(z.string()),
    action: z.array(z.string()),
    outcome: z.array(z.string()),
    name: z.array(z.string()),
  }),
  /** 32 bits: epoch seconds, the log's time. */
  at: packed,
  /** 16 bits each: 1 more than the place in the list of words, 0 for none. `name` is the recorded task's. */
  typ: packed,
  actor: packed,
  wid: packed,
  action: packed,
  outcome: packed,
  name: packed,
  /** 8 bits: the place in LANE_SEVERITIES. */
  severity: packed,
  /** 32 bits: 1 more than the first entry about the same task, 0 for none. */
  task: packed,
  /** 32 bits: 1 more than the task's place in its recorded run, 0 where it is not known. */
  place: packed,
  /** 8 bits: tokens it names that were not in the log when it came in. */
  unknown: packed,
  /** 8 bits: how many causes follow in `causes` (32 bits: their entries) and `kinds` (8 bits: places in LANE_CAUSES). */
  counts: packed,
  causes: packed,
  kinds: packed,
});
export type LanesPart = z.infer<typeof lanesPartSchema>;

/** Entries in columns, for drawing very many: a part of the log, from an entry on. */
export const lanesOperation = operation
  .route({ method: "GET", path: "/audit/lanes" })
  .input(
    z.object({
      domain: domainInput.shape.domain,
      from: z.coerce.number().int().nonnegative().default(0),
      limit: z.coerce.number().int().min(1).max(LANES_PART).default(LANES_PART),
    }),
  )
  .output(lanesPartSchema);
