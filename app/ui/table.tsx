import type { ReactNode } from "react";

export interface Column {
  readonly name: string;
  /** Numbers stand to the right. */
  readonly isNumber?: boolean;
}

export interface TableProps {
  readonly label: string;
  readonly columns: readonly (string | Column)[];
  /** Its rows scroll by themselves where they are many. */
  readonly isBounded?: boolean;
  readonly children: ReactNode;
}

/** `relative`: what is hidden in it stays in it, and does not widen the page. */
const BOX = "relative border border-line bg-panel";

/**
 * A plain table that scrolls sideways by itself where the page is narrow. Its rows are as they come: what sorts, is chosen
 * from or has thousands of rows is a grid (grid.tsx) over the table library.
 */
export function Table({ label, columns, isBounded = false, children }: TableProps) {
  const heads = columns.map((column) => (typeof column === "string" ? { name: column } : column));
  return (
    <section
      aria-label={`${label}, scrollable`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard as well
      tabIndex={0}
      className={`${BOX} ${isBounded ? "max-h-96 overflow-auto" : "overflow-x-auto"}`}
    >
      <table aria-label={label} className="w-full tabular-nums">
        <thead className="text-left text-xs text-muted">
          <tr>
            {heads.map(({ name, isNumber = false }) => (
              <th key={name} scope="col" className={`px-2 py-1 font-medium ${isNumber ? "text-right" : ""}`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

export const Row = ({
  children,
  isSelected = false,
}: {
  readonly children: ReactNode;
  readonly isSelected?: boolean;
}) => <tr className={`border-t border-line align-top ${isSelected ? "bg-accent-soft" : ""}`}>{children}</tr>;

export interface CellProps {
  readonly children: ReactNode;
  /** A name as machines write it. */
  readonly isMono?: boolean;
  /** More than a few words. */
  readonly isWide?: boolean;
}

const styled = ({ isMono = false, isWide = false }: CellProps): string =>
  `px-2 py-1 text-left font-normal [overflow-wrap:anywhere] ${isWide ? "min-w-48" : isMono ? "min-w-32" : "min-w-24"} ${isMono ? "font-mono text-xs" : ""}`;

export const Cell = (props: CellProps) => <td className={styled(props)}>{props.children}</td>;

/** What its row is about. */
export const HeadCell = (props: CellProps) => (
  <th scope="row" className={styled(props)}>
    {props.children}
  </th>
);

export const NumberCell = ({ children }: { readonly children: ReactNode }) => (
  <td className="px-2 py-1 text-right whitespace-nowrap tabular-nums">{children}</td>
);
