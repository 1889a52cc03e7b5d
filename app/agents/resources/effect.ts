import { v5 as uuidV5 } from "uuid";
import * as z from "zod";
import { isCanonicalResource } from "../../protocol/acp/canonical-resource.ts";
import { costSchema, undoKindSchema } from "../../protocol/cascade/checkpoint.ts";
import type { IntentClaims } from "../../protocol/ect/claims.ts";
import type { RunTask } from "../../protocol/run/recorded-run.ts";
import { EFFECT_ATTRIBUTE } from "../../protocol/run/run-effect.ts";

/** Characters of a resource's content at most [ours]: configurations and re-enacted files are text, and small. */
export const MAX_CONTENT = 8192;
/** A task that would write more resources than this writes none [ours]: its checkpoint would not fit a token. */
export const MAX_WRITTEN = 16;

const contentSchema = z
  .string()
  .max(MAX_CONTENT)
  .transform((text) => text.toWellFormed());

/** One change of one resource. `commit` holds for `confirmWithinS` seconds unless a `confirm` comes; then it is taken back. */
export const deedSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("write"), uri: z.string(), text: contentSchema }),
  z.object({ kind: z.literal("commit"), uri: z.string(), text: contentSchema, confirmWithinS: z.int().positive() }),
  z.object({ kind: z.literal("append"), uri: z.string(), text: contentSchema }),
  z.object({ kind: z.literal("confirm"), uri: z.string() }),
]);
export type Deed = z.infer<typeof deedSchema>;

/** What a task does to resources, and what was declared about undoing it (CAS-10, CAS-11). */
export const taskEffectSchema = z.object({
  deeds: z.array(deedSchema).min(1).max(MAX_WRITTEN),
  undo: undoKindSchema,
  /** What makes it good where restoring would not do; null when nothing is known. */
  compensation: z
    .object({ deeds: z.array(deedSchema).min(1).max(MAX_WRITTEN), cost: costSchema.nullable() })
    .nullable(),
  /** Who is affected beyond the agents, and told when it stays. */
  tell: z.array(z.string().min(1).max(256)).max(16),
});
export type TaskEffect = z.infer<typeof taskEffectSchema>;

/** How a recording writes it: paths in place of resources. */
const recordedDeedSchema = z.object({
  kind: z.enum(["write", "commit", "append", "confirm"]),
  path: z.string().min(1).max(256),
  text: contentSchema.default(""),
  confirm_within_s: z.int().positive().default(600),
});
const recordedEffectSchema = z.object({
  deeds: z.array(recordedDeedSchema).min(1).max(MAX_WRITTEN),
  undo: undoKindSchema.default("automatic"),
  compensation: z
    .object({ deeds: z.array(recordedDeedSchema).min(1).max(MAX_WRITTEN), cost: costSchema.optional() })
    .optional(),
  tell: z.array(z.string().min(1).max(256)).max(16).default([]),
});

/**
 * Resources of a workflow are its own: `store://<wid>/<path>`. A name that cannot be written the one way in which prefixes
 * may be compared, or is long, is replaced by an id that follows from it.
 */
export function resourceUri(wid: string, name: string): string {
  const path = encodeURI(name.toWellFormed()).replace(/^\/+/, "");
  const uri = `store://${wid}/${path}`;
  const plain = path !== "" && path.length <= 80 && !/[:?#[\]]/.test(path) && isCanonicalResource(uri);
  return plain ? uri : `store://${wid}/named/${uuidV5(name, wid)}`;
}

/** The resources whose content an effect changes; a confirmation changes none. */
export function writtenBy(effect: Pick<TaskEffect, "deeds">): string[] {
  return [...new Set(effect.deeds.filter(({ kind }) => kind !== "confirm").map(({ uri }) => uri))].sort();
}

/** What it or its compensation writes: all of it is named in the intent (CAS-35). */
export function touchedBy({ deeds, compensation }: TaskEffect): string[] {
  return writtenBy({ deeds: [...deeds, ...(compensation?.deeds ?? [])] });
}

/** What an intent declares before anything happens (CAS-11): of a task that writes nothing, that it has no effect. */
export function undoOf(effect: TaskEffect | null): NonNullable<IntentClaims["undo"]> {
  if (effect === null || writtenBy(effect).length === 0) return { effect: false };
  const { undo: kind, compensation, tell } = effect;
  return {
    effect: true,
    kind,
    ...(compensation === null ? {} : { compensation: compensation.cost === null ? {} : { cost: compensation.cost } }),
    ...(tell.length === 0 ? {} : { tell }),
  };
}

/**
 * What a task of a recording does to resources when its agents act: what the recording states, or a file for each of its
 * outputs. A recording has names and no contents: the text is made here, says so itself, and follows from task and name
 * alone. Null: it writes nothing, as does a task whose recording says that it failed.
 */
export function effectOf(wid: string, jti: string, task: RunTask): TaskEffect | null {
  if (task.outcome !== "success") return null;
  const stated = recordedEffectSchema.safeParse(task.attributes[EFFECT_ATTRIBUTE]);
  if (stated.success) {
    const { deeds, undo, compensation, tell } = stated.data;
    return {
      deeds: deeds.map((deed) => deedOf(wid, deed)),
      undo,
      compensation:
        compensation === undefined
          ? null
          : { deeds: compensation.deeds.map((deed) => deedOf(wid, deed)), cost: compensation.cost ?? null },
      tell,
    };
  }
  const names = [...new Set(task.outputs)].filter((name) => name !== "");
  if (names.length === 0 || names.length > MAX_WRITTEN) return null;
  const deeds = names.map((name): Deed => ({ kind: "write", uri: resourceUri(wid, name), text: contentOf(name, jti) }));
  return { deeds, undo: "automatic", compensation: null, tell: [] };
}

function deedOf(wid: string, { kind, path, text, confirm_within_s }: z.infer<typeof recordedDeedSchema>): Deed {
  const uri = resourceUri(wid, path);
  if (kind === "confirm") return { kind, uri };
  return kind === "commit" ? { kind, uri, text, confirmWithinS: confirm_within_s } : { kind, uri, text };
}

function contentOf(name: string, jti: string): string {
  const text = `re-enacted content of ${name}\nwritten by task ${jti}\nThe recording has its name and not its content.\n`;
  return text.slice(0, MAX_CONTENT).toWellFormed();
}
