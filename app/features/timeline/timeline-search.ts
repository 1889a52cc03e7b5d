import * as z from "zod";

const text = z.coerce.string().optional().catch(undefined);
const seq = z.coerce.number().int().nonnegative().optional().catch(undefined);

/** What of the timeline is in the URL: filters, order, the open entry and where in the log the list starts. */
export const timelineSearchSchema = z.object({
  wid: text,
  agent: text,
  action: text,
  outcome: text,
  typ: text,
  /** A query over the log (XA-21), beside the filters. */
  q: text,
  order: z.enum(["newest", "oldest"]).optional().catch(undefined),
  entry: seq,
  /** The list begins around this entry instead of at its end: the one picked on the axis, then the first one in view. */
  at: seq,
  /** Swim lanes instead of the list. */
  view: z.literal("lanes").optional().catch(undefined),
  /** What there is a lane, or a group of the list, for each of. */
  group: z.enum(["domain", "agent", "kind", "workflow"]).optional().catch(undefined),
  /** What of time the lanes show, epoch ms: `1772064000000-1772064300000`. */
  vp: text,
  /** A second workflow, whose lanes stand beside those of `wid`, both from their start. */
  vs: text,
  /** What of the findings of the lanes is in view. */
  find: z.enum(["causes", "path", "bursts", "gaps", "differences", "annotated"]).optional().catch(undefined),
  /** The verification is in view. */
  verify: z.literal(true).optional().catch(undefined),
  /** The anchors are in view. */
  anchors: z.literal(true).optional().catch(undefined),
});
export type TimelineSearch = z.infer<typeof timelineSearchSchema>;
export type SetTimelineSearch = (patch: Partial<TimelineSearch>, options?: { readonly replace?: boolean }) => void;

/** The filters that are chosen from lists. */
export interface EntryFilter {
  readonly wid?: string;
  readonly agent?: string;
  readonly action?: string;
  readonly outcome?: string;
  readonly typ?: string;
}

export const FILTER_NAMES = ["wid", "agent", "action", "outcome", "typ"] as const;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Empty values are no filter, and no workflow is named by another text than its id. */
export function filterOf(search: TimelineSearch): EntryFilter {
  const entries = FILTER_NAMES.flatMap((name): [string, string][] => {
    const value = search[name]?.trim() ?? "";
    if (value === "" || (name === "wid" && !UUID.test(value))) return [];
    return [[name, value]];
  });
  return Object.fromEntries(entries);
}
