import type { ReactNode } from "react";

export interface Fact {
  readonly term: string;
  readonly value: ReactNode;
  /** A short word below the value, e.g. what it is compared to. */
  readonly hint?: ReactNode;
}

/** Terms and values side by side. */
export function Facts({ items }: { readonly items: readonly Fact[] }) {
  return (
    <dl className="grid content-start grid-cols-[minmax(6rem,max-content)_minmax(0,1fr)] gap-x-4 gap-y-1">
      {items.map((item) => (
        <div key={item.term} className="contents">
          <dt className="text-muted">{item.term}</dt>
          <dd className="min-w-0 break-words">
            {item.value}
            {item.hint === undefined ? null : <div className="text-xs text-faint">{item.hint}</div>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
