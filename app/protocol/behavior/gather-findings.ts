import { type SeverityTally, tallyOf } from "./compliance.ts";
import type { Violation } from "./evidence.ts";

/** Findings of a window that are kept one by one: more than any evidence lists, far fewer than an agent can make. */
export const MAX_LISTED = 1000;

/** What was found in a window: of more than there is room for the gravest, then the first; all are counted (BEH-64). */
export interface Gathered {
  /** By time. */
  readonly listed: readonly Violation[];
  /** Of all. */
  readonly tally: SeverityTally;
  /** Of those that are not listed: all, and those that whoever sees one agent alone has to tell as well (BEH-57). */
  readonly unlisted: Unlisted;
}

export interface Unlisted {
  readonly all: SeverityTally;
  readonly alone: SeverityTally;
}

export interface Gathering {
  add(finding: Violation): void;
  gathered(): Gathered;
}

export function gatherFindings(isAlone: (ruleId: string) => boolean): Gathering {
  const kept = [1, 2, 3, 4, 5].map((): Violation[] => []);
  const counts: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  const alone: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  return {
    add: (finding) => {
      const at = finding.severity - 1;
      counts[at] = (counts[at] ?? 0) + 1;
      if (isAlone(finding.rule_id)) alone[at] = (alone[at] ?? 0) + 1;
      const list = kept[at];
      if (list !== undefined && list.length < MAX_LISTED) list.push(finding);
    },
    gathered: () => {
      const listed = kept.toReversed().flat().slice(0, MAX_LISTED);
      const tally: SeverityTally = [...counts];
      const told = tallyOf(listed.map(({ severity }) => severity));
      const toldAlone = tallyOf(listed.flatMap(({ rule_id, severity }) => (isAlone(rule_id) ? [severity] : [])));
      const unlisted = { all: minusTally(tally, told), alone: minusTally(alone, toldAlone) };
      return { listed: listed.sort((one, other) => one.at - other.at), tally, unlisted };
    },
  };
}

export const minusTally = (one: SeverityTally, other: SeverityTally): SeverityTally => [
  one[0] - other[0],
  one[1] - other[1],
  one[2] - other[2],
  one[3] - other[3],
  one[4] - other[4],
];

export const sumOf = (tally: SeverityTally): number => tally.reduce((sum, count) => sum + count, 0);
