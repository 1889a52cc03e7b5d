import * as z from "zod";

const callSchema = z.looseObject({
  id: z.string().max(512),
  function: z.looseObject({ name: z.string().max(512), arguments: z.string().nullish() }),
});
export const requestSchema = z.looseObject({
  threadId: z.string().max(512),
  runId: z.string().max(512),
  messages: z
    .array(
      z.looseObject({
        role: z.string().max(64),
        content: z.unknown().optional(),
        toolCallId: z.string().max(512).nullish(),
        toolCalls: z.array(callSchema).max(1_000).nullish(),
      }),
    )
    .max(100_000),
});
/** Events whose `delta` and `content` are text; those about state hold other things there. */
const SPOKEN = /^(?:TEXT_MESSAGE|TOOL_CALL)_/;
const isText = (value: unknown): boolean => value === undefined || value === null || typeof value === "string";

const eventShape = z.looseObject({
  type: z.string().min(1).max(64),
  timestamp: z.number().nonnegative().nullish(),
  messageId: z.string().max(512).nullish(),
  role: z.string().max(64).nullish(),
  delta: z.unknown().optional(),
  toolCallId: z.string().max(512).nullish(),
  toolCallName: z.string().max(512).nullish(),
  content: z.unknown().optional(),
  stepName: z.string().max(512).nullish(),
  message: z.unknown().optional(),
});

export const agUiEventSchema = eventShape
  .refine(({ type, delta }) => !SPOKEN.test(type) || isText(delta), { path: ["delta"], message: "text" })
  .refine(({ type, content }) => !SPOKEN.test(type) || isText(content), { path: ["content"], message: "text" });
export type AgUiEvent = z.infer<typeof agUiEventSchema>;

/** What one file of a session holds: a request, or events. */
export interface AgUiTurnPart {
  readonly file: string;
  readonly request: z.infer<typeof requestSchema> | null;
  readonly events: AgUiEvent[];
}
