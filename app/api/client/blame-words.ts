import type { RunBlame } from "../../protocol/run/recorded-run.ts";

/** What an annotation takes a step for. */
export const blameWord = ({ cause }: Pick<RunBlame, "cause">): string =>
  cause ? "annotated as the cause" : "annotated as a fault";

/** Which step, and who is blamed, in the annotation's words, which `visible` makes fit to be shown. */
export const blamedWho = (
  { step, named }: Pick<RunBlame, "step" | "named">,
  visible: (text: string) => string,
): string => `step ${step}${named === "" ? "" : `, ${visible(named)}`}`;

/** Beside every annotation: whose word it is. */
export const WHOSE_BLAME =
  "Noted in the recording by whoever annotated it: who and which step is to blame for its failure. It is no finding of this console, and nothing here rests on it.";
