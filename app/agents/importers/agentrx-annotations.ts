import * as z from "zod";
import type { Json } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import type { Annotated } from "./blame.ts";
import { isObject } from "./bounded-json.ts";
import { type FormatProblem, malformed } from "./run-format-reader.ts";

/** The ground truth of AgentRx: for each run the steps that people found to be at fault, and which of them is the cause. */

const text = z.string().nullish();
const annotationSchema = z.object({
  trajectory_id: z.union([z.string().max(512), z.number()]),
  failures: z
    .array(
      z.object({
        failure_id: z.union([z.number(), z.string()]).nullish(),
        step_number: z.int().nonnegative(),
        step_reason: text,
        failure_category: text,
        category_reason: text,
        failed_agent: text,
      }),
    )
    .max(10_000),
  root_cause: z
    .object({ failure_id: z.union([z.number(), z.string()]).nullish(), reason_for_root_cause: text })
    .nullish(),
  failure_summary: text,
});
type Annotation = z.infer<typeof annotationSchema>;

export const isAnnotations = (document: Json): document is Json[] =>
  Array.isArray(document) && isObject(document[0]) && "trajectory_id" in document[0] && "failures" in document[0];

/** Annotations by the id of the run they are about. */
export function readAnnotations(
  document: readonly Json[],
  place: string,
): Result<ReadonlyMap<string, readonly Annotated[]>, FormatProblem> {
  const found = new Map<string, readonly Annotated[]>();
  for (const [index, item] of document.entries()) {
    const parsed = annotationSchema.safeParse(item);
    const where = `${place}.${index}`;
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return malformed(
        [where, ...(issue?.path ?? [])].join("."),
        issue?.message ?? "an annotated run",
        "the annotation does not have its members",
      );
    }
    const id = String(parsed.data.trajectory_id);
    if (found.has(id)) return malformed(`${where}.trajectory_id`, "runs that are annotated once", "this one is twice");
    found.set(id, annotatedOf(parsed.data));
  }
  return ok(found);
}

function annotatedOf({ failures, root_cause: cause, failure_summary: summary }: Annotation): readonly Annotated[] {
  return failures.map((failure) => {
    const isCause = cause?.failure_id !== undefined && cause?.failure_id === failure.failure_id;
    const said = [
      failure.step_reason,
      failure.category_reason,
      ...(isCause ? [cause?.reason_for_root_cause, summary] : []),
    ].filter((part) => typeof part === "string" && part !== "");
    return {
      step: failure.step_number,
      named: failure.failed_agent ?? "",
      category: failure.failure_category ?? null,
      // The same sentence often stands in several members.
      text: [...new Set(said)].join("\n"),
      cause: isCause,
    };
  });
}
