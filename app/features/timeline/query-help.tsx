import { FIELDS } from "../../protocol/query/fields.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";

const WAYS: readonly { readonly query: string; readonly says: string }[] = [
  { query: "deploy", says: "words of an action, outcome, agent, type or task name; a word may go on" },
  { query: '"deploy site"', says: "these words, whole and next to each other" },
  { query: "typ:hitl-decision outcome:approved", says: "both; the word and may be left out" },
  { query: "severity>=warning or outcome:refused", says: "one or the other" },
  { query: "(typ:intent or typ:exec) not outcome:success", says: "parentheses, and not" },
  { query: "received:2026-11-25..2026-11-26 seq<1000", says: "from one to the other, both included; times are UTC" },
  { query: "last:15m severity:critical", says: "received within this time up to now" },
  { query: "outcome:* not by:spiffe*", says: "a star: whatever it goes on with" },
  { query: "before:40", says: "what entry 40 follows from, by cause; it may be named by its token id" },
];

/** The language on one page; every example runs when it is pressed. */
export function QueryHelp({
  isOpen,
  onOpenChange,
  onRun,
}: {
  readonly isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  onRun(query: string): void;
}) {
  const run = (query: string): void => {
    onOpenChange(false);
    onRun(query);
  };
  return (
    <Dialog title="Queries" isOpen={isOpen} onOpenChange={onOpenChange} size="lg">
      <h3 className="pb-2 font-semibold">How to ask</h3>
      <Examples rows={WAYS} onRun={run} />
      <h3 className="pt-5 pb-2 font-semibold">Fields</h3>
      <Examples
        rows={FIELDS.map(({ example, says, aliases }) => ({ query: example, says: withOthers(says, aliases) }))}
        onRun={run}
      />
      <p className="pt-4 text-xs text-muted">
        Press an example to run it. Letters count alike, large or small, except in digests. Values with blanks,
        parentheses or a star at their end stand in double quotes.
      </p>
    </Dialog>
  );
}

const withOthers = (says: string, aliases: readonly string[]): string =>
  aliases.length === 0 ? says : `${says} (also ${aliases.join(", ")})`;

function Examples({
  rows,
  onRun,
}: {
  readonly rows: readonly { readonly query: string; readonly says: string }[];
  onRun(query: string): void;
}) {
  return (
    <ul className="grid gap-1.5">
      {rows.map(({ query, says }) => (
        <li key={query} className="grid items-center gap-x-3 gap-y-0.5 md:grid-cols-[minmax(0,22rem)_minmax(0,1fr)]">
          <Button size="sm" className="justify-self-start font-mono" onPress={() => onRun(query)}>
            {query}
          </Button>
          <span className="text-muted">{says}</span>
        </li>
      ))}
    </ul>
  );
}
