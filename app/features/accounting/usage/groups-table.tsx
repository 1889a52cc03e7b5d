import type { UsageGroup } from "../../../api/contract/accounting.ts";
import { formatCount } from "../../../ui/duration.ts";
import { HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import type { AccountingSearch } from "../accounting-search.ts";
import { costWords, GROUP_WORDS, lastPart, resourceName, shortId, timeWords, tokensWords } from "../words.ts";

export interface GroupsTableProps {
  readonly by: NonNullable<AccountingSearch["by"]>;
  readonly groups: readonly UsageGroup[];
  readonly selected: string | null;
  onSelect(key: string | undefined): void;
}

/** Name of a group in plain words. */
export function groupName(by: GroupsTableProps["by"], { key, name }: Pick<UsageGroup, "key" | "name">): string {
  if (key === "") return name ?? "others";
  if (by === "resource") return resourceName(key);
  if (by === "agent") return lastPart(key);
  return name === null || name === "" ? (by === "domain" ? lastPart(key) : shortId(key)) : name;
}

/** Who used how much, the most first; choosing one shows it in the chart. */
export function GroupsTable({ by, groups, selected, onSelect }: GroupsTableProps) {
  const names = groups.map((group) => groupName(by, group));
  return (
    <Table
      label={`Usage by ${GROUP_WORDS[by].by}`}
      columns={[
        { name: GROUP_WORDS[by].one },
        { name: "Cost", isNumber: true },
        { name: "Tokens", isNumber: true },
        { name: "Actions", isNumber: true },
        { name: "Agent time", isNumber: true },
      ]}
    >
      {groups.map((group, at) => (
        <Row key={group.key} isSelected={group.key === selected}>
          <HeadCell>
            <button
              type="button"
              aria-pressed={group.key === selected}
              onClick={() => onSelect(group.key === selected ? undefined : group.key)}
              className="min-h-6 text-left underline decoration-line underline-offset-2 hover:decoration-ink"
            >
              <UntrustedText text={groupName(by, group)} maxCharacters={80} />
            </button>
            {by === "agent" && names.some((name, other) => other !== at && name === names[at]) ? (
              <span className="ml-1 text-xs text-muted">in workflow {shortId(group.key.split("/").at(-2) ?? "")}</span>
            ) : null}
            {group.estimated ? <span className="ml-1 text-xs text-muted">partly estimated</span> : null}
          </HeadCell>
          <NumberCell>{costWords(group.cost)}</NumberCell>
          <NumberCell>{tokensWords(group.tokens)}</NumberCell>
          <NumberCell>{formatCount(group.calls)}</NumberCell>
          <NumberCell>{timeWords(group.timeS)}</NumberCell>
        </Row>
      ))}
    </Table>
  );
}
