import type { BenchOutcome } from "../../protocol/behavior/bench-result.ts";

/** Why a benchmark ends without a result (B5). */
export type BenchAbort =
  /** The profile or a run of its task set is not what it was. */
  | "profile_changed"
  /** The agent is not conformant. */
  | "not_conformant"
  /** More than 20 % of the runs took too long. */
  | "timeouts"
  /** The person called it off. */
  | "cancelled"
  /** An order to stop, pause, change or take over reached one of its runs. */
  | "stopped"
  /** The host was closed while it ran. */
  | "interrupted"
  /** What the person signed for its runs was refused, or ran out. */
  | "refused"
  /** Nothing was measured of something that has a weight. */
  | "not_measured";

/** How a benchmark ended, as its host says; `by`: who called it off, by the console's word. */
export type BenchEnd =
  | { readonly how: "done"; readonly outcome: BenchOutcome }
  | { readonly how: "aborted"; readonly reason: BenchAbort; readonly detail: string; readonly by?: string };
