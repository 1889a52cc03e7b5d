import type { BundledRun } from "../../../api/embedded/bundled-runs.ts";

/** Where a recording is read from: files of the user's (several when a log was rolled), or one that comes with the console. */
export type RunSource =
  | { readonly kind: "files"; readonly files: readonly File[] }
  | { readonly kind: "bundled"; readonly run: BundledRun };

export function sourceName(source: RunSource): string {
  if (source.kind === "bundled") return source.run.title;
  const [first] = source.files;
  return source.files.length > 1 ? `${first?.name} and ${source.files.length - 1} more` : (first?.name ?? "");
}

/** Pasted text as a file. */
export function pastedSource(text: string): RunSource {
  return { kind: "files", files: [new File([text], "pasted text", { type: "application/json" })] };
}
