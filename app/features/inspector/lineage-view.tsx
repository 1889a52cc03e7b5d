import type { ReactNode } from "react";
import type { EntryRow } from "../../api/contract/common.ts";
import type { Inspected } from "../../api/contract/inspect.ts";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { Section } from "../../ui/section.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { kindOf } from "./token-kinds.ts";

/** What it comes from and what came of it, as far as this log knows: above, itself, below. */
export function LineageView({ seen }: { readonly seen: Inspected }) {
  const { names, namedBy, isNamedByAll, entry } = seen;
  return (
    <Section level={2} title="Lineage">
      <p className="text-muted">
        {names.length === 0 ? "It names no other token." : `It names ${plural(names.length, "other token")}:`}
      </p>
      <Branch label="Tokens it names">
        {names.map(({ rel, jti, entry: named }) => (
          <li key={`${rel} ${jti}`} className="flex flex-wrap items-baseline gap-x-2">
            <span className="text-muted">{rel}</span>
            {named === null ? (
              <>
                <Identifier value={jti.slice(0, 256)} label={rel} />
                <span className="text-xs text-muted">not in this log</span>
              </>
            ) : (
              <EntryWords row={named} />
            )}
          </li>
        ))}
      </Branch>
      <p className="my-1 border-l-4 border-accent pl-2 font-semibold">
        this token{entry === null ? ", not in this log" : `, entry ${formatCount(entry.seq)}`}
      </p>
      <p className="text-muted">
        {namedBy.length === 0
          ? `No entry${isNamedByAll ? "" : " that was looked at"} names it.`
          : `Named by ${plural(namedBy.length, "entry", "entries")}:`}
      </p>
      <Branch label="Entries that name it">
        {namedBy.map(({ rel, entry: row }) => (
          <li key={row.seq} className="flex flex-wrap items-baseline gap-x-2">
            <EntryWords row={row} />
            <span className="text-muted">names it as {rel}</span>
          </li>
        ))}
      </Branch>
      {isNamedByAll ? null : <p className="text-xs text-muted">There may be more: not all of the log was looked at.</p>}
    </Section>
  );
}

function Branch({ label, children }: { readonly label: string; readonly children: readonly ReactNode[] }) {
  if (children.length === 0) return null;
  return (
    <ul aria-label={label} className="my-1 ml-1 space-y-0.5 border-l border-strong pl-3">
      {children}
    </ul>
  );
}

function EntryWords({ row }: { readonly row: EntryRow }) {
  return (
    <>
      <GoLink
        to="/inspector"
        search={{ entry: row.seq }}
        aria-label={`inspect entry ${formatCount(row.seq)}`}
        className={LINK}
      >
        entry {formatCount(row.seq)}
      </GoLink>
      <span>{kindOf(row.typ)?.name ?? <UntrustedText text={row.typ} maxCharacters={60} />}</span>
      <UntrustedText text={row.action} maxCharacters={80} mono />
      {row.taskName === null ? null : <UntrustedText text={row.taskName} maxCharacters={80} />}
    </>
  );
}

/** Tall enough to be hit, one below the other. */
const LINK = "inline-flex min-h-6 items-center text-accent underline underline-offset-2 hover:decoration-2";

const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;
