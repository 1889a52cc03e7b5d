import { v5 as uuidV5 } from "uuid";
import type { FindingKind } from "../../protocol/audit/crossing-handling.ts";
import type { TrailGap } from "../../protocol/audit/trail.ts";
import type { LooseEnds } from "./trail-desk.ts";

/** What asks for somebody: a crossing that does not hold, or a hole in a trail (N11). */
export interface Finding {
  readonly kind: FindingKind;
  readonly item: string;
  readonly code: string;
  readonly wid: string | null;
  readonly about: { readonly [member: string]: string };
}

/** Namespace of the ids of gaps: a gap is the same for whoever finds it [ours]. */
const GAPS = "6f4a4f0e-6f3f-5d0c-9a57-0c1d6a1d7e11";
const OPEN: ReadonlySet<string> = new Set(["conflict", "dangling", "refused"]);

export function gapId({ domain, at, missing, reason }: TrailGap): string {
  return uuidV5([domain, at ?? "", missing ?? "", reason].join("\0"), GAPS);
}

/** Everything in a trail that somebody should look at; gaps that are crossings are those crossings. */
export function findingsOf({ crossings, gaps }: LooseEnds): Finding[] {
  return [
    ...crossings
      .filter(({ state }) => OPEN.has(state))
      .map(
        ({ stitchId, code, state, wid, from, to }): Finding => ({
          kind: "crossing",
          item: stitchId,
          code: code ?? state,
          wid,
          about: { from, to },
        }),
      ),
    ...gaps
      .filter(({ reason }) => reason !== "crossing_dangling")
      .map(
        (gap): Finding => ({
          kind: "gap",
          item: gapId(gap),
          code: gap.reason,
          wid: null,
          about: { domain: gap.domain },
        }),
      ),
  ];
}
