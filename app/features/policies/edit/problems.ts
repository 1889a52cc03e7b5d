import type { DraftProblem } from "../../../protocol/acp/check-draft.ts";

/** One line at its place: what is wrong, and the code under which the token would be refused. */
export const problemLine = ({ message, code }: DraftProblem): string => `${message} (${code})`;

/** What is wrong at a place of the claims or below it; also under another name, such as a node's id. */
export function problemAt(problems: readonly DraftProblem[], path: string, name?: string): string | undefined {
  const found = problems.filter(
    ({ place, message }) =>
      place === path ||
      place.startsWith(`${path}.`) ||
      (name !== undefined && (place === name || message.includes(`"${name}"`))),
  );
  return found.length === 0 ? undefined : found.map(problemLine).join(" · ");
}
