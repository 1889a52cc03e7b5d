import { Link } from "@tanstack/react-router";
import { formatCount } from "../ui/duration.ts";
import { useHostStatus } from "./host-status.ts";
import { PANES, type PaneEntry } from "./panes.ts";
import { AS_OF } from "./past/past-search.ts";

/** Keeps the chosen workflow, and the moment that is shown, from pane to pane. */
const keepPlace = (search: { wid?: unknown; [AS_OF]?: unknown }): Record<string, unknown> => ({
  ...(search.wid === undefined ? {} : { wid: search.wid }),
  ...(search[AS_OF] === undefined ? {} : { [AS_OF]: search[AS_OF] }),
});

/**
 * The panes: a rail at the left, or on a phone a bar below, with the stop control in its middle and the panes in two rows at
 * either side of it.
 */
export function Navigation() {
  const half = Math.ceil(PANES.length / 2);
  return (
    <nav
      aria-label="Views"
      className="row-start-5 flex justify-between border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] md:row-start-3 md:flex-col md:justify-start md:border-t-0 md:border-r md:pb-0"
    >
      <ul className={LIST}>
        {PANES.slice(0, half).map((pane) => (
          <PaneLink key={pane.id} pane={pane} />
        ))}
      </ul>
      <div aria-hidden="true" className="w-37 shrink-0 md:hidden" />
      <ul className={LIST}>
        {PANES.slice(half).map((pane) => (
          <PaneLink key={pane.id} pane={pane} />
        ))}
      </ul>
    </nav>
  );
}

/** On a phone three beside each other: two rows of 28 px, no target narrower than 24. */
const LIST = "grid min-w-0 flex-1 auto-rows-fr grid-cols-[repeat(3,auto)] md:flex md:flex-none md:flex-col";

function PaneLink({ pane }: { readonly pane: PaneEntry }) {
  const { data: status } = useHostStatus();
  const count = pane.count === null ? 0 : (status?.[pane.count] ?? 0);
  const Icon = pane.icon;
  return (
    <li className="flex min-w-0 md:flex-none">
      <Link
        to={pane.path}
        // Which parameters a path takes is each pane's to say: the router's types do not know.
        search={keepPlace as never}
        aria-keyshortcuts={`g ${pane.key}`}
        className="group relative flex h-7 flex-1 items-center justify-center gap-1 border-t-2 border-transparent text-xs text-muted -outline-offset-2 hover:bg-sunken hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink max-md:min-w-6 md:h-14 md:flex-col md:border-t-0 md:border-l-2 md:aria-[current=page]:font-semibold"
      >
        <span className="relative min-[23rem]:max-md:group-aria-[current=page]:sr-only">
          <Icon aria-hidden="true" size={18} strokeWidth={1.75} />
          {count === 0 ? null : <Count pane={pane} count={count} />}
        </span>
        {/* On a phone wide enough the pane in view has its name instead of its sign and count, which it shows itself. */}
        <span className="max-md:sr-only min-[23rem]:max-md:group-aria-[current=page]:not-sr-only">{pane.title}</span>
      </Link>
    </li>
  );
}

function Count({ pane, count }: { readonly pane: PaneEntry; readonly count: number }) {
  const tone =
    pane.count === "latched"
      ? "border-critical bg-critical-soft text-critical"
      : "border-notice bg-notice-soft text-notice";
  const words = pane.count === "latched" ? "in force" : "waiting";
  return (
    <span
      className={`absolute -top-2 left-3 min-w-4 rounded-full border px-1 text-center text-xs leading-3.5 font-semibold ${tone}`}
    >
      {count > 99 ? "99+" : formatCount(count)}
      <span className="sr-only"> {words}</span>
    </span>
  );
}
