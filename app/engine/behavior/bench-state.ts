import type { BenchOrderClaims } from "../../protocol/behavior/bench-order.ts";
import type { BenchResultClaims } from "../../protocol/behavior/bench-result.ts";

/** A benchmark that was ordered, and how it ended; it runs as long as it has no end. */
export interface BenchmarkState {
  jti: string;
  claims: BenchOrderClaims;
  seq: number;
  at: number;
  end:
    | { how: "done"; jti: string; seq: number; at: number; result: BenchResultClaims }
    | { how: "aborted"; seq: number; at: number; reason: string; detail: string }
    | null;
}
