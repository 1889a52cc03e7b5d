import { formatCount } from "../../ui/duration.ts";
import { MarkIcon } from "../../ui/mark.tsx";
import type { RequestFlag } from "./request-flags.ts";

/** Flags shown before the rest is counted. */
const SHOWN = 4;

/**
 * What to read twice, in our words, between what runs and its arguments. Bounded, so that a request cannot push its own
 * arguments out of view with flags.
 */
export function FlagsList({ flags }: { readonly flags: readonly RequestFlag[] }) {
  if (flags.length === 0) return null;
  return (
    <section aria-label="Read twice" className="mt-3 border border-warning bg-warning-soft px-3 py-1.5">
      <h3 className="flex items-center gap-1.5 text-sm font-semibold text-warning">
        <MarkIcon shape="triangle" tone="warning" />
        Read twice
      </h3>
      <ul className="space-y-0.5 text-sm" data-flags>
        {flags.slice(0, SHOWN).map((flag) => (
          <li key={`${flag.place} ${flag.words}`} className="line-clamp-2 [overflow-wrap:anywhere]">
            <span className="font-medium">{flag.place}:</span> <bdi>{flag.words}</bdi>
          </li>
        ))}
        {flags.length > SHOWN ? (
          <li className="text-muted">and {formatCount(flags.length - SHOWN)} more of the kind</li>
        ) : null}
      </ul>
    </section>
  );
}
