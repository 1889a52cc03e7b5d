import type { Inspected } from "../../api/contract/inspect.ts";
import { formatInstant } from "../../ui/instant.tsx";
import { Section } from "../../ui/section.tsx";
import { distance, type TokenTime, timesOf } from "./as-of.ts";

/** Every time it states, in words and with its zone, and how far that is from the time it was verified as of. */
export function TimesView({ seen }: { readonly seen: Inspected }) {
  const times = timesOf(seen.claims);
  if (times.length === 0) return null;
  const received: TokenTime[] =
    seen.entry === null ? [] : [{ name: "", words: "received by this log", epochS: seen.entry.receivedAt }];
  const rows: TokenTime[] = [...times, ...received, { name: "", words: "verified as of", epochS: seen.at }].sort(
    (a, b) => a.epochS - b.epochS,
  );
  return (
    <Section level={2} title="Times">
      <ul className="space-y-0.5">
        {rows.map(({ name, words, epochS }) => (
          <li key={`${name} ${words}`} className="flex flex-wrap gap-x-3">
            <span className="w-44">
              {words}
              {name === "" ? null : <span className="font-mono text-xs text-muted"> {name}</span>}
            </span>
            <time dateTime={new Date(epochS * 1000).toISOString()} className="tabular-nums">
              {formatInstant(epochS * 1000)}
            </time>
            {words === "verified as of" ? null : <span className="text-muted">{distance(epochS, seen.at)}</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
