import type { Json } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import { isAnnotations, readAnnotations } from "./agentrx-annotations.ts";
import { isMagentic, readMagentic } from "./agentrx-magentic.ts";
import { isTau, readTau } from "./agentrx-tau.ts";
import { type Annotated, withBlame } from "./blame.ts";
import type { HeldRun } from "./held-run.ts";
import { type FormatProblem, malformed, type RunFormatReader } from "./run-format-reader.ts";
import { Warnings } from "./text.ts";

/** Runs in one import at most [ours]: they are a list to choose from. */
const MAX_RUNS = 1_000;

/**
 * AgentRx: failed runs (of tau-bench, several in a file; of Magentic-One, a file each) and in a file of their own what
 * people noted about them. The files are given together, in any order, and told apart by what they are.
 */
export const AGENTRX: RunFormatReader = {
  title: "AgentRx runs (tau-bench, Magentic-One)",
  detect: (document) => isAnnotations(document) || isTau(document) || isMagentic(document),
  open({ file: firstFile, maxTasks }) {
    const runs: HeldRun[] = [];
    const ids = new Set<string>();
    let annotations: { readonly by: ReadonlyMap<string, readonly Annotated[]>; readonly file: string } | null = null;
    return {
      add(document: Json, place: string, file: string): Result<void, FormatProblem> {
        const where = place === "" ? "$" : place;
        if (isAnnotations(document)) {
          if (annotations !== null) return malformed(where, "one file of annotations", "there is a second one");
          const read = readAnnotations(document, where);
          if (!read.ok) return read;
          annotations = { by: read.value, file };
          return ok(undefined);
        }
        const held = isTau(document)
          ? readTau(document, where, file, maxTasks)
          : isMagentic(document)
            ? readMagentic(document, where, file, maxTasks)
            : malformed(where, "a run of AgentRx or its annotations", "the document is neither");
        if (!held.ok) return held;
        for (const run of held.value) {
          let id = run.id;
          for (let copy = 2; ids.has(id); copy += 1) id = `${run.id}-${copy}`;
          ids.add(id);
          runs.push({ ...run, id });
        }
        return runs.length > MAX_RUNS ? malformed(where, `at most ${MAX_RUNS} runs`, "there are more") : ok(undefined);
      },
      choices: () => runs.map(({ id, name, steps }) => ({ id, name, steps })),
      finish(chosen) {
        const held = chosen === null ? runs[0] : runs.find((run) => run.id === chosen);
        if (held === undefined)
          return malformed("$", "a run beside the annotations", `${firstFile} holds annotations only`);
        const warnings = new Warnings();
        const read = held.read(warnings);
        if (!read.ok) return read;
        const annotated = annotations?.by.get(held.annotatedAs);
        if (annotations !== null && annotated === undefined)
          warnings.add("not_annotated", "the file of annotations says nothing of this run", held.annotatedAs);
        if (annotated !== undefined && runs.filter((run) => run.annotatedAs === held.annotatedAs).length > 1)
          warnings.add(
            "annotation_ambiguous",
            "several runs have the id that the annotations name: they may be about another one",
            held.annotatedAs,
          );
        return ok(withBlame(read.value.run, annotated ?? [], read.value.taskOfStep, annotations?.file ?? "", warnings));
      },
    };
  },
};
