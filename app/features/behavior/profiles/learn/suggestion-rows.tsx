import type { Suggestion } from "../../../../api/contract/behavior-profiles.ts";
import { Checkbox } from "../../../../ui/checkbox.tsx";
import { formatCount } from "../../../../ui/duration.ts";
import { GoLink } from "../../../../ui/go-link.tsx";
import { Mark } from "../../../../ui/mark.tsx";
import { Cell, HeadCell, NumberCell, Row, Table } from "../../../../ui/table.tsx";
import { UntrustedText } from "../../../../ui/untrusted-text.tsx";
import { agentWord, counted, formatNumber, formatShare, phrase, word } from "../words.ts";
import { addsWords } from "./adopt.ts";

export interface SuggestionRowsProps {
  readonly suggestions: readonly Suggestion[];
  readonly ticked: ReadonlySet<string>;
  onTick(id: string, on: boolean): void;
}

const COLUMNS = [
  "Suggested",
  { name: "Held", isNumber: true },
  { name: "Workflows", isNumber: true },
  { name: "From one of them", isNumber: true },
  { name: "By chance", isNumber: true },
  "Broken by",
];

const RESTS: Readonly<Record<Suggestion["rests"], string | null>> = {
  many: null,
  "one-workflow": "rests on one workflow",
  "one-agent": "rests on one agent",
};

/** What the conduct suggests, with what speaks for each and against it. Each is ticked by hand. */
export function SuggestionRows({ suggestions, ticked, onTick }: SuggestionRowsProps) {
  return (
    <Table label="Suggestions" columns={COLUMNS}>
      {suggestions.map((suggestion) => {
        const rests = RESTS[suggestion.rests];
        return (
          <Row key={suggestion.id} isSelected={ticked.has(suggestion.id)}>
            <HeadCell isWide>
              <Checkbox isSelected={ticked.has(suggestion.id)} onChange={(on) => onTick(suggestion.id, on)}>
                <span className="[overflow-wrap:anywhere]">{phrase(addsWords(suggestion))}</span>
              </Checkbox>
              <div className="pl-6 text-xs text-muted">
                {rests === null ? null : <Mark shape="triangle" tone="warning" label={rests} />}
                <Beside suggestion={suggestion} />
              </div>
            </HeadCell>
            <NumberCell>
              {formatCount(suggestion.held)} of {formatCount(suggestion.cases)}
            </NumberCell>
            <NumberCell>{formatCount(suggestion.workflows)}</NumberCell>
            <NumberCell>{formatShare(suggestion.largestShare)}</NumberCell>
            <NumberCell>{suggestion.chance === null ? "—" : chanceWords(suggestion.chance)}</NumberCell>
            <Cell isWide>
              <CounterExamples suggestion={suggestion} />
            </Cell>
          </Row>
        );
      })}
    </Table>
  );
}

/** What helps to choose a bound, or to trust a baseline. */
function Beside({ suggestion: { quantiles, alarmed, workflows } }: { readonly suggestion: Suggestion }) {
  if (quantiles !== undefined)
    return (
      <p>
        Of the workflows{" "}
        {quantiles.map(({ share, value }) => `${formatShare(share)} up to ${formatNumber(value)}`).join(", ")}.
      </p>
    );
  if (alarmed === undefined) return null;
  return (
    <p>
      Under it the sequential test would have alarmed in {formatCount(alarmed)} of {counted(workflows, "workflow")}.
    </p>
  );
}

const chanceWords = (chance: number): string => (chance < 0.001 ? "< 0.1%" : formatShare(chance));

const SHOWN = 3;

function CounterExamples({ suggestion: { counterExamples, cases, held } }: { readonly suggestion: Suggestion }) {
  const broken = cases - held;
  if (broken <= 0) return "nothing in the span";
  return (
    <>
      {counterExamples.slice(0, SHOWN).map((task) => (
        <div key={task.jti}>
          {task.seq === null ? (
            <span className="font-mono text-xs">{word(task.action)}</span>
          ) : (
            <GoLink to="/timeline" search={{ entry: task.seq }}>
              {word(task.action)} of {agentWord(task.agent)}
            </GoLink>
          )}{" "}
          {task.taskName === null ? null : <UntrustedText text={task.taskName} maxCharacters={60} />}
        </div>
      ))}
      {broken > Math.min(SHOWN, counterExamples.length) ? (
        <div className="text-xs text-muted">{formatCount(broken)} times in all</div>
      ) : null}
    </>
  );
}
