import { useContext } from "react";
import { visibleText } from "../../../ui/visible-text.ts";
import { BreakersContext } from "../breakers/use-breakers.ts";
import { DomainMark } from "./domain-words.tsx";

/** The failure domain of a task's agent and its state: what its box is on the graph. */
export function DomainCell({ number }: { readonly number: number }) {
  const breakers = useContext(BreakersContext);
  const domain = breakers?.domains[number];
  if (breakers === null || domain === undefined) return null;
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <bdi className="truncate">{visibleText(domain.id)}</bdi>
      {domain.state === "normal" ? null : <DomainMark domain={domain} readAtMs={breakers.readAtMs} isShort />}
    </span>
  );
}
