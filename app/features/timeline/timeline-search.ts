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
  text,
  order: z.enum(["newest", "oldest"]).optional().catch(undefined),
  entry: seq,
  /** The list begins around this entry instead of at its end: the one picked on the axis, then the first one in view. */
  at: seq,
  /** The verification is in view. */
  verify: z.literal(true).optional().catch(undefined),
});
export type TimelineSearch = z.infer<typeof timelineSearchSchema>;
export type SetTimelineSearch = (patch: Partial<TimelineSearch>, options?: { readonly replace?: boolean }) => void;

/** The filters of a search as `audit.entries` takes them. */
export interface EntryFilter {
  readonly wid?: string;
  readonly agent?: string;
  readonly action?: string;
  readonly outcome?: string;
  readonly typ?: string;
  readonly text?: string;
}

export const FILTER_NAMES = ["wid", "agent", "action", "outcome", "typ", "text"] as const;

/** Longest text filter, characters (contract). */
const TEXT_MAX = 200;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Empty values are no filter; what the contract would refuse is cut or left out. */
export function filterOf(search: TimelineSearch): EntryFilter {
  const entries = FILTER_NAMES.flatMap((name): [string, string][] => {
    const value = search[name]?.trim() ?? "";
    if (value === "" || (name === "wid" && !UUID.test(value))) return [];
    return [[name, name === "text" ? value.slice(0, TEXT_MAX) : value]];
  });
  return Object.fromEntries(entries);
}
