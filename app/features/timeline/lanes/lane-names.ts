import { visibleText } from "../../../ui/visible-text.ts";
import { shortName, shortTyp } from "../names.ts";
import type { Grouping, Lane } from "./lanes.ts";

/** The names of the workflows' runs, by workflow id. */
export type RunNames = ReadonlyMap<string, string>;

const NOTHING: Readonly<Record<Grouping, string>> = {
  domain: "",
  agent: "By nobody",
  kind: "Of no type",
  workflow: "Of no workflow",
};
const OTHERS: Readonly<Record<Grouping, string>> = {
  domain: "",
  agent: "other agents",
  kind: "other types",
  workflow: "other workflows",
};

export const GROUPING_NAMES: Readonly<Record<Grouping, string>> = {
  domain: "Domain",
  agent: "Agent",
  kind: "Type",
  workflow: "Workflow",
};

/** A lane in a few words, and whole: what tokens say in it is shown as text. */
export function laneName(lane: Lane, by: Grouping, runs: RunNames): { readonly short: string; readonly whole: string } {
  const same = (text: string) => ({ short: text, whole: text });
  if (lane.what === "domain")
    return same(/^[AB]$/.test(lane.log.domain) ? "all entries" : visibleText(lane.log.domain));
  if (lane.what === "others") return same(`${lane.values} ${OTHERS[by]}`);
  if (lane.what === "none" || lane.value === null) return same(NOTHING[by]);
  if (by === "kind") return same(visibleText(shortTyp(lane.value)));
  if (by === "workflow")
    return { short: `${visibleText(runs.get(lane.value) ?? "workflow")} ${lane.value.slice(0, 8)}`, whole: lane.value };
  const name = visibleText(shortName(lane.value));
  // Gateways of several domains have one name; whose it is stands with it where it is not the log's own.
  const of = /^[a-z][a-z0-9+.-]*:\/\/([^/]+)\//i.exec(lane.value)?.[1] ?? lane.log.domain;
  const isOther = of !== lane.log.domain && !/^[AB]$/.test(lane.log.domain);
  return { short: isOther ? `${name} of ${visibleText(of)}` : name, whole: visibleText(lane.value) };
}
