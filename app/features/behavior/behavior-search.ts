import * as z from "zod";
import { PROOF_STATES } from "../../operator/self-test/proof-state.ts";
import { BEHAVIOR_STATES } from "../../protocol/behavior/result.ts";

export const VIEWS = ["fleet", "profiles", "benchmarks", "others"] as const;

const id = z.string().max(1024).optional().catch(undefined);

/** What a link to this pane carries: the view, the agents it is narrowed to, and the one in view. */
export const behaviorSearchSchema = z.object({
  /** The workflow that was chosen in another pane; kept for the next one. */
  wid: z.string().optional().catch(undefined),
  /** The fleet when absent. */
  view: z.enum(VIEWS).optional().catch(undefined),
  /** Agent in view, by the id behind its ids in workflows: its page instead of the fleet. */
  agent: id,
  /** One state alone. */
  state: z.enum(BEHAVIOR_STATES).optional().catch(undefined),
  /** How its self-test stands alone. */
  proof: z.enum(PROOF_STATES).optional().catch(undefined),
  q: z.string().max(200).optional().catch(undefined),
  /** Worst first when absent. */
  sort: z.enum(["name"]).optional().catch(undefined),
  /** Tiles when absent; of an agent, charts. */
  as: z.enum(["table"]).optional().catch(undefined),
  /** What of an agent: its conduct when absent. */
  part: z.enum(["evidence", "compare"]).optional().catch(undefined),
  /** Of an agent, the window in view, by the entry that states its result; the newest when absent. */
  window: z.coerce.number().int().nonnegative().optional().catch(undefined),
  /** Profiles: which one, which version of it or a draft, how a new one is made and from whose conduct. */
  profile: id,
  version: z
    .union([z.literal("draft"), z.coerce.number().int().positive()])
    .optional()
    .catch(undefined),
  make: z.enum(["new", "learn"]).optional().catch(undefined),
  baseline: id,
  /** Benchmarks: which one, the result in view and the one it is compared with. */
  bench: id,
  result: id,
  against: id,
  /** A part of a view of profiles or benchmarks; which there are is theirs to say. */
  tab: z.string().max(32).optional().catch(undefined),
});
export type BehaviorSearch = z.infer<typeof behaviorSearchSchema>;
export type SetBehaviorSearch = (patch: Partial<BehaviorSearch>, options?: { readonly replace?: boolean }) => void;

export interface SearchProps {
  readonly search: BehaviorSearch;
  readonly setSearch: SetBehaviorSearch;
}
