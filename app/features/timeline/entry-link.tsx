import { formatCount } from "../../ui/duration.ts";

/** A link inside this pane: to another entry. */
export function OpenEntry({ seq, onOpen }: { readonly seq: number; onOpen(seq: number): void }) {
  return (
    <button
      type="button"
      onClick={() => onOpen(seq)}
      className="min-h-6 text-accent underline underline-offset-2 hover:decoration-2"
    >
      entry {formatCount(seq)}
    </button>
  );
}
