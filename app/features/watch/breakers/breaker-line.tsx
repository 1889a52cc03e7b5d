import { lazy, Suspense } from "react";
import type { BreakerNoteProps } from "./breaker-note.tsx";
import type { Breakers } from "./use-breakers.ts";

/** Said in few words where the part that says it in full could not be loaded: it must not look as if all was well (L2). */
function NotLoaded() {
  return (
    <p role="alert" className="border-b border-warning bg-warning-soft px-3 py-1.5 font-medium">
      Something is abnormal about the breakers, and this part of the console could not be loaded. Reload the page.
    </p>
  );
}

const BreakerNote = lazy(() =>
  import("./breaker-note.tsx").then(
    (loaded) => ({ default: loaded.BreakerNote }),
    () => ({ default: NotLoaded }),
  ),
);

/** What is abnormal about breakers and failure domains, loaded when something is. */
export function BreakerLine(props: BreakerNoteProps) {
  return isNoted(props.breakers) ? (
    <Suspense fallback={null}>
      <BreakerNote {...props} />
    </Suspense>
  ) : null;
}

function isNoted({ problem, cascadesOldMs, cascades, domains, abnormal, waiting, heldEdges }: Breakers): boolean {
  const some = [cascades, abnormal, waiting, heldEdges].some(({ length }) => length > 0);
  const isDomain = domains.some(({ alert, state }) => alert !== null || state === "isolated" || state === "recovering");
  return problem !== null || cascadesOldMs !== null || some || isDomain;
}
