import { type ReactNode, useId } from "react";

/** A titled part of a pane or a drawer, without a box: a rule above and space do. */
export function Section({
  title,
  level = 3,
  aside,
  children,
}: {
  readonly title: string;
  /** Of the heading in its page. */
  readonly level?: 2 | 3;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}) {
  const id = useId();
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <section aria-labelledby={id} className="min-w-0 border-t border-line py-3 first:border-t-0">
      <header className="mb-1.5 flex min-h-6 items-center gap-2">
        <Heading id={id} className="flex-1 text-sm font-semibold">
          {title}
        </Heading>
        {aside}
      </header>
      {children}
    </section>
  );
}
