import { type ReactNode, useId } from "react";

export interface PanelProps {
  readonly title: string;
  readonly actions?: ReactNode;
  /** Level of the heading; 2 unless told. */
  readonly level?: 2 | 3;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A titled section: one rule below the heading, no box in a box. */
export function Panel({ title, actions, level = 2, className = "", children }: PanelProps) {
  const id = useId();
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <section aria-labelledby={id} className={`border border-line bg-panel ${className}`}>
      <header className="flex min-h-9 flex-wrap items-center gap-2 border-b border-line px-3 py-1">
        <Heading id={id} className="min-w-0 flex-1 truncate text-sm font-semibold">
          {title}
        </Heading>
        {actions}
      </header>
      <div className="p-3">{children}</div>
    </section>
  );
}
