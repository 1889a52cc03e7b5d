import * as z from "zod";
import { cascadeAlertSchema } from "../../protocol/cascade/claims.ts";
import { uriSchema } from "../../protocol/jose/formats.ts";

/** `data` of the record `cascade_alert`: the body of cascade.md (b), and what this enforcement point does about it. */
export const cascadeRecordSchema = cascadeAlertSchema.extend({
  /** Failing agents that somebody still healthy depends on. */
  front: z.array(uriSchema),
  /** The breakers it opens or isolates, by id. */
  breakers: z.array(z.string()),
  /** The failure domains it isolates, by name; they cut their own border. */
  domains: z.array(z.string()).default([]),
  /** The HITL rule it raises: whether to stop is a person's to say. */
  rule: z.literal("cascade").nullable(),
});
export type CascadeRecord = z.infer<typeof cascadeRecordSchema>;
