import { blamedWho, blameWord, WHOSE_BLAME } from "../../../api/client/blame-words.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { Blamed } from "./blamed.ts";
import { Note } from "./causes-list.tsx";
import { EntryLine } from "./entry-words.tsx";
import type { LaneLog } from "./lane-log.ts";

export interface AnnotatedListProps {
  readonly blamed: readonly Blamed[];
  /** The workflow they are of. */
  readonly wid: string | null;
  /** The selected entry. */
  readonly seq: number | null;
  onOpen(log: LaneLog, seq: number): void;
}

/** Steps that the recording's annotation blames, each leading to its entry (BEH-60). */
export function AnnotatedList({ blamed, wid, seq, onOpen }: AnnotatedListProps) {
  return (
    <>
      <Note>{WHOSE_BLAME}</Note>
      <ul aria-label="Annotated steps">
        {blamed.flatMap(({ blame, place, at }) => {
          const key = `${blame.step} ${blame.category} ${blame.text}`;
          const words = (
            <li key={`${key} words`} className="border-b border-line px-2 pb-1.5 pl-[4.75rem] text-xs text-muted">
              {at === null ? (
                <b className="mr-2 font-medium text-ink">
                  {blamedWho(blame, visibleText)}: {blameWord(blame)};{" "}
                  {blame.task === null ? "the recording has no such step." : "not in this log so far."}
                </b>
              ) : null}
              {blame.category === null ? null : (
                <>
                  <UntrustedText text={blame.category} maxCharacters={200} />
                  {": "}
                </>
              )}
              <UntrustedText text={blame.text === "" ? "without a reason" : blame.text} multiline maxCharacters={300} />{" "}
              {wid === null || place === null ? null : (
                <GoLink to="/watch" search={{ wid, sel: `t${place}`, detail: true }}>
                  watch step {blame.step}
                </GoLink>
              )}
            </li>
          );
          if (at === null) return [words];
          return [
            <EntryLine
              key={key}
              log={at.log}
              seq={at.seq}
              rel={`${blameWord(blame)}:`}
              aside={blamedWho(blame, visibleText)}
              isCurrent={at.seq === seq}
              onOpen={() => onOpen(at.log, at.seq)}
            />,
            words,
          ];
        })}
      </ul>
    </>
  );
}
