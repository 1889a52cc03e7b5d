import { problemOf } from "../../../api/client/problem.ts";
import type { GateRow } from "../../../api/contract/gate.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { formatDuration } from "../../../ui/duration.ts";
import { Instant } from "../../../ui/instant.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { GateDetail } from "../gate-detail.ts";
import { shortName } from "../names.ts";
import type { HandleForm } from "./use-handle.ts";

/** Who has taken the request up, where it is put away and until when, and what was said to its agent. */
export function HandlingLine({ detail, form }: { readonly detail: GateDetail; readonly form: HandleForm }) {
  const { operator } = useOperator();
  const nowS = Math.floor(useNow() / 1000);
  const { row, responses } = detail;
  const claim = row.claim !== null && nowS < row.claim.until ? row.claim : null;
  const shelf = row.shelf !== null && nowS < row.shelf.until ? row.shelf : null;
  const deferrals = row.deferrals.filter(({ until }) => nowS < until);
  const failed = form.open === null && form.error !== null;
  if (claim === null && shelf === null && deferrals.length === 0 && responses.length === 0 && !failed) return null;
  const you = operator?.subject;
  return (
    <div className="max-h-[20%] shrink-0 space-y-1 overflow-auto border-b border-line px-4 py-2">
      {failed ? <ProblemNote problem={problemOf(form.error)} /> : null}
      {claim === null ? null : (
        <p role="status">
          <Who by={claim.by} you={you} start /> looking at it <Until untilS={claim.until} nowS={nowS} />.
        </p>
      )}
      {shelf === null ? null : (
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span>
            Shelved by <bdi>{visibleText(shortName(shelf.by))}</bdi> <Until untilS={shelf.until} nowS={nowS} />: “
            <UntrustedText text={shelf.reason} maxCharacters={200} />”
          </span>
          <Button writes size="sm" onPress={() => form.begin("unshelve")}>
            Take it off the shelf
          </Button>
        </p>
      )}
      {deferrals.map((hold) => (
        <p key={hold.by} className="flex flex-wrap items-baseline gap-x-2">
          <span>
            {hold.by === you ? "You" : visibleText(shortName(hold.by))} put it off{" "}
            <Until untilS={hold.until} nowS={nowS} />.
          </span>
          {hold.by === you ? (
            <Button writes size="sm" onPress={() => form.begin("undefer")}>
              Take it back now
            </Button>
          ) : null}
        </p>
      ))}
      {responses.map((response) => (
        <p key={response.seq}>
          <bdi>{visibleText(shortName(response.by))}</bdi> to the agent,{" "}
          <span className="text-muted">
            <Instant epochMs={response.at * 1000} />
          </span>
          : “<UntrustedText text={response.text} maxCharacters={500} multiline />”
        </p>
      ))}
    </div>
  );
}

function Who({ by, you, start }: { readonly by: string; readonly you: string | undefined; readonly start?: boolean }) {
  if (by === you) return start === true ? "You are" : "you";
  return (
    <>
      <bdi>{visibleText(shortName(by))}</bdi> is
    </>
  );
}

function Until({ untilS, nowS }: { readonly untilS: number; readonly nowS: number }) {
  return (
    <>
      until <Instant epochMs={untilS * 1000} />{" "}
      <span className="text-muted">({formatDuration(Math.max(0, untilS - nowS) * 1000)} left)</span>
    </>
  );
}

/** Said in a row of the queue: who looks at it, or until when it is away. */
export function handlingNote(row: GateRow, subject: string | null, nowS: number): string | null {
  if (row.shelf !== null && nowS < row.shelf.until)
    return `shelved, back in ${formatDuration((row.shelf.until - nowS) * 1000)}`;
  const own = row.deferrals.find(({ by, until }) => by === subject && nowS < until);
  if (own !== undefined) return `put off, back in ${formatDuration((own.until - nowS) * 1000)}`;
  if (row.claim !== null && nowS < row.claim.until)
    return row.claim.by === subject ? "you look at it" : `${shortName(row.claim.by)} looks at it`;
  return null;
}
