import { type ReactNode, useId } from "react";

/** A titled part of the request, without a box: a rule above and space do. */
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
    <section aria-labelledby={id} className="border-t border-line py-3 first:border-t-0">
      <header className="mb-1.5 flex min-h-6 items-center gap-2">
        <h3 id={id} className="flex-1 text-sm font-semibold">
          {title}
        </h3>
        {aside}
      </header>
      {children}
    </section>
  );
}
