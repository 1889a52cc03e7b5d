import * as z from "zod";

/** Logs of Inspect (UK AI Security Institute), as far as they are read; everything else is kept or counted. */

const id = z.union([z.string().max(512), z.number()]);
const toolError = z.looseObject({ type: z.string().max(128), message: z.string() });

export const messageSchema = z.looseObject({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: z.unknown().optional(),
  function: z.string().nullish(),
  tool_call_id: z.string().nullish(),
  error: toolError.nullish(),
});
export type InspectMessage = z.infer<typeof messageSchema>;

export const eventSchema = z.looseObject({
  event: z.string().min(1).max(64),
  timestamp: z.string().max(64),
  completed: z.string().max(64).nullish(),
  span_id: z.string().max(256).nullish(),
  /** Of a span: its own id, that of the span around it, and what it is. Older logs have `step` with an action instead. */
  id: z.string().max(256).nullish(),
  parent_id: z.string().max(256).nullish(),
  type: z.string().max(256).nullish(),
  name: z.string().max(512).nullish(),
  action: z.string().max(64).nullish(),
});
export type InspectEvent = z.infer<typeof eventSchema>;

export const sampleSchema = z.looseObject({
  id,
  epoch: z.int().nonnegative().default(1),
  messages: z.array(messageSchema).max(100_000).default([]),
  events: z.array(eventSchema).max(500_000).default([]),
  attachments: z.record(z.string(), z.string()).default({}),
  error: z.looseObject({ message: z.string() }).nullish(),
});
export type InspectSample = z.infer<typeof sampleSchema>;

export const logSchema = z.looseObject({
  version: z.int(),
  status: z.string().max(64),
  eval: z.looseObject({
    task: z.string().max(512),
    model: z.string().max(512).nullish(),
    created: z.string().nullish(),
  }),
  results: z.looseObject({ total_samples: z.number().nullish(), completed_samples: z.number().nullish() }).nullish(),
  error: z.looseObject({ message: z.string() }).nullish(),
  samples: z.array(sampleSchema).min(1),
});
export type InspectLog = z.infer<typeof logSchema>;
