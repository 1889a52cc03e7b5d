import { createStore } from "zustand/vanilla";
import type { Outcome } from "./decision.ts";

/** Which approvals wait some seconds on this page before they are sent: an undo that is one, because nothing has left (F7). */
export type UndoChoice = "batches" | "all" | "off";

export const UNDO_MS = 10_000;
/** An approval is not kept back where its deadline is nearer than this: then it is sent at once. */
export const UNDO_MARGIN_MS = 30_000;

const KEY = "signalbox.approvals.undo";
const CHOICES: readonly UndoChoice[] = ["batches", "all", "off"];

/** For batches unless chosen otherwise; kept with the browser profile. */
export const undoChoice = createStore<{ readonly choice: UndoChoice }>(() => ({ choice: stored() }));

export function chooseUndo(choice: UndoChoice): void {
  undoChoice.setState({ choice });
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // A profile that keeps nothing: the choice holds until the page is left.
  }
}

function stored(): UndoChoice {
  try {
    const kept = localStorage.getItem(KEY);
    return CHOICES.find((choice) => choice === kept) ?? "batches";
  } catch {
    return "batches";
  }
}

export interface UndoCase {
  readonly choice: UndoChoice;
  readonly outcome: Outcome;
  readonly consequence: "none" | "reversible" | "irreversible";
  readonly isBatch: boolean;
  readonly leftMs: number | null;
}

/** How long a decision stays on the page, ms; 0 sends it now. Only an approval waits: everything else is the safe side. */
export function keptBackMs({ choice, outcome, consequence, isBatch, leftMs }: UndoCase): number {
  if (outcome !== "approve" || consequence === "irreversible") return 0;
  if (choice === "off" || (choice === "batches" && !isBatch)) return 0;
  return leftMs !== null && leftMs <= UNDO_MS + UNDO_MARGIN_MS ? 0 : UNDO_MS;
}
