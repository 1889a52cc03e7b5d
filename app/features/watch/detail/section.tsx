import { type ReactNode, useId } from "react";

/** A part of the details: a small heading, no box. */
export function Section({
  title,
  aside,
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex flex-col gap-2 border-t border-line pt-3 first:border-t-0 first:pt-0">
      <header className="flex items-baseline gap-2">
        <h3 id={id} className="flex-1 font-semibold">
          {title}
        </h3>
        <span className="text-xs text-muted">{aside}</span>
      </header>
      {children}
    </section>
  );
}
