/** A state to return to, as a link carries it: a task of the run by its number, a checkpoint, or the beginning. */
export type Cut =
  | { readonly kind: "task"; readonly index: number }
  | { readonly kind: "checkpoint"; readonly id: string }
  | { readonly kind: "workflow" };

/** What the panel shows: a rehearsal, one rollback, or all of them. */
export type RollbackView =
  | { readonly kind: "plan"; readonly cut: Cut }
  | { readonly kind: "watch"; readonly rbId: string }
  | { readonly kind: "list" };

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const WHOLE = new RegExp(`^${UUID}$`);
const CHECKPOINT = new RegExp(`^c(${UUID})$`);
const TASK = /^t(\d{1,6})$/;

export function planLink(cut: Cut): string {
  if (cut.kind === "workflow") return "w";
  return cut.kind === "task" ? `t${cut.index}` : `c${cut.id}`;
}

/** Null where there is no link; one that is not known opens the list, as all of them are found there. */
export function viewOf(link: string | undefined, tasks: number): RollbackView | null {
  if (link === undefined) return null;
  if (link === "w") return { kind: "plan", cut: { kind: "workflow" } };
  if (WHOLE.test(link)) return { kind: "watch", rbId: link };
  const id = CHECKPOINT.exec(link)?.[1];
  if (id !== undefined) return { kind: "plan", cut: { kind: "checkpoint", id } };
  const index = Number(TASK.exec(link)?.[1] ?? Number.NaN);
  return index < tasks ? { kind: "plan", cut: { kind: "task", index } } : { kind: "list" };
}
