import * as z from "zod";

/** Member of a `run_start` ECT's extension that makes its workflow a drill (OVR-25) [ours]. */
export const DRILL_EXT = "org.signalbox.drill";

/** After so many days without another one, a drill proves nothing any more (S12); the interval is the project's own [ours]. */
export const DRILL_AGAIN_DAYS = 7;

/**
 * What the operator signs with the start: which script, with how many agents, and after how many days it is to be drilled again.
 */
export const drillMarkSchema = z.object({
  script: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  size: z.int().min(1).max(64),
  again_days: z.int().min(1).max(365),
  /** Of a self-test: which agents, by their names (N21). */
  of: z
    .array(z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/))
    .min(1)
    .max(16)
    .optional(),
});
export type DrillMark = z.infer<typeof drillMarkSchema>;

/** The mark of a start: null where it starts no drill, undefined where what it says of one cannot be read. */
export function drillMarkOf(ext: Readonly<Record<string, unknown>> | undefined): DrillMark | null | undefined {
  const stated = ext?.[DRILL_EXT];
  return stated === undefined ? null : drillMarkSchema.safeParse(stated).data;
}
