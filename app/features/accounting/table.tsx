import type { ReactNode } from "react";

export interface Column {
  readonly name: string;
  /** Numbers stand to the right. */
  readonly isNumber?: boolean;
}

/** `relative`: what is hidden in it stays in it, and does not widen the page. */
const BOX = "relative overflow-x-auto border border-line bg-panel";

/** A plain table that scrolls sideways by itself where the page is narrow. */
export function Table({
  label,
  columns,
  children,
}: {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard as well
    <section aria-label={`${label}, scrollable`} tabIndex={0} className={BOX}>
      <table aria-label={label} className="w-full">
        <thead className="text-left text-xs text-muted">
          <tr>
            {columns.map(({ name, isNumber = false }) => (
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

export const Cell = ({ children }: { readonly children: ReactNode }) => (
  <td className="min-w-24 px-2 py-1 [overflow-wrap:anywhere]">{children}</td>
);

export const NumberCell = ({ children }: { readonly children: ReactNode }) => (
  <td className="px-2 py-1 text-right whitespace-nowrap tabular-nums">{children}</td>
);

export const HeadCell = ({ children }: { readonly children: ReactNode }) => (
  <th scope="row" className="min-w-28 px-2 py-1 text-left font-normal [overflow-wrap:anywhere]">
    {children}
  </th>
);
