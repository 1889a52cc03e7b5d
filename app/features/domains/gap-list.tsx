import type { GapView } from "../../api/contract/domains.ts";
import { Mark } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { EntryOf } from "./domain-table.tsx";
import { GAP_WORDS } from "./domain-words.ts";
import { FindingHandling } from "./finding-handling.tsx";

/** What is missing in the trails: holes are things one can look after, not blanks (N11, XDA-11). */
export function GapList({ gaps }: { readonly gaps: readonly GapView[] }) {
  if (gaps.length === 0) return null;
  return (
    <Section title="Gaps" level={2}>
      <ul>
        {gaps.map((gap) => (
          <li key={gap.id} className="border-t border-line py-2 first:border-t-0">
            <p>
              <Mark shape="triangle" tone="warning" label={GAP_WORDS[gap.reason]} />{" "}
              <span className="font-mono text-xs">{visibleText(gap.domain)}</span>
              {gap.at === null ? null : (
                <>
                  , at <EntryOf domain={gap.domain} seq={gap.at.seq} />
                </>
              )}
            </p>
            <FindingHandling
              of={{ finding: "gap", item: gap.id, code: gap.reason, what: `${gap.domain}: ${GAP_WORDS[gap.reason]}.` }}
              handling={gap.handling}
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}
