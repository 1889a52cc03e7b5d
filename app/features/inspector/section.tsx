import { type ReactNode, useId } from "react";

/** A titled part of the pane, without a box: a rule above and space do. */
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
    <section aria-labelledby={id} className="min-w-0 border-t border-line py-3">
      <header className="mb-1.5 flex min-h-6 items-center gap-2">
        <h2 id={id} className="flex-1 text-sm font-semibold">
          {title}
        </h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
