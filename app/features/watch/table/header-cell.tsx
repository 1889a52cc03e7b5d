import { ArrowDown, ArrowUp } from "lucide-react";
import { GridHeaderCell } from "../../../ui/grid.tsx";

export interface HeaderCellProps {
  readonly text: string;
  readonly sorted: false | "asc" | "desc";
  readonly right: boolean;
  /** Sorts by this column; null where it does not sort. */
  readonly onSort: ((event: unknown) => void) | null;
}

/** The name of a column, which sorts by it. */
export function HeaderCell({ text, sorted, right, onSort }: HeaderCellProps) {
  return (
    <GridHeaderCell
      aria-sort={sorted === false ? "none" : sorted === "asc" ? "ascending" : "descending"}
      className="min-w-0 px-2"
    >
      {onSort === null ? (
        <span className="font-medium">{text}</span>
      ) : (
        <button
          type="button"
          onClick={onSort}
          className={`flex h-8 w-full items-center gap-1 truncate font-medium hover:text-ink ${right ? "justify-end" : ""}`}
        >
          {text}
          {sorted === "asc" ? <ArrowUp aria-hidden="true" size={12} /> : null}
          {sorted === "desc" ? <ArrowDown aria-hidden="true" size={12} /> : null}
        </button>
      )}
    </GridHeaderCell>
  );
}
