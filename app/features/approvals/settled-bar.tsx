import { useOperator } from "../../operator/operator-context.tsx";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { AloneLine } from "./alone/alone-line.tsx";
import { isBlind } from "./blind.ts";
import { changedMind, isOtherMind } from "./commit/first-verdict.tsx";
import type { GateDetail } from "./gate-detail.ts";
import { ModifiedView } from "./less/modified-view.tsx";
import { doneWord, rowMark, shortName } from "./names.ts";
import { GrantNext } from "./next-ones/grant-next.tsx";

type Decision = GateDetail["decisions"][number];

/** How a request was settled: by whom, why, and where it stands in the log. */
export function SettledBar({ detail, meanwhile }: { readonly detail: GateDetail; readonly meanwhile: boolean }) {
  const mark = rowMark(detail.row);
  const { operator } = useOperator();
  const byOthers = !detail.decisions.some(({ claims }) => claims.iss === operator?.subject);
  return (
    <section
      className="max-h-[60%] shrink-0 space-y-1 overflow-auto border-t border-strong bg-panel px-4 py-3"
      aria-label="Outcome"
    >
      <p role="status" className="flex flex-wrap items-center gap-x-2">
        <Mark {...mark} label={meanwhile && byOthers ? `Settled meanwhile: ${mark.label}` : mark.label} />
        <span className="text-muted">{settledHow(detail)}</span>
      </p>
      {detail.modified === null ? null : <ModifiedView asked={detail.canonicalArgs} modified={detail.modified} />}
      <Decisions decisions={detail.decisions} />
      {detail.row.breakGlass === null ? null : <AloneLine detail={detail} alone={detail.row.breakGlass} />}
      <GrantNext detail={detail} />
    </section>
  );
}

function settledHow(detail: GateDetail): string {
  const { row } = detail;
  if (row.withdrawn !== null) return WITHDRAWN[row.withdrawn];
  if (row.timedOut) return `Nobody answered in time, so it was ${row.state === "aborted" ? "aborted" : "denied"}.`;
  if (row.state === "aborted" && detail.decisions.some(({ claims }) => claims.outcome === "abort"))
    return "The action does not run, and its task ended as aborted.";
  if (row.state === "aborted") return "It was taken out of everybody's hands: by a stop or a revoked policy.";
  if (row.state === "expired") return "The approval was not used in time and cannot be used any more.";
  if (row.modified && row.state === "approved")
    return "Only the changed arguments may run, once; the enforcement point checks them again before that.";
  if (row.modified && row.state === "consumed") return "The changed arguments ran once, and no others can.";
  if (row.state === "approved")
    return "The action may run once; the enforcement point checks the approval again before it.";
  if (row.state === "consumed") return "The approval was used for its one execution.";
  return "";
}

/** Why its agent took a request back (ACP-39). */
const WITHDRAWN: Record<NonNullable<GateDetail["row"]["withdrawn"]>, string> = {
  answered_elsewhere: "It was answered elsewhere. Nothing runs by this request any more.",
  cancelled: "The task that called it is over. Nothing runs by this request any more.",
  not_needed: "It is not needed any more. Nothing runs by this request any more.",
};

/**
 * Decisions given so far. While it waits for another person, what the others said stays hidden from someone who has not
 * decided yet (D3).
 */
export function DecisionsSoFar({ detail }: { readonly detail: GateDetail }) {
  const { operator } = useOperator();
  const { given, required } = detail.row.approvals;
  if (required < 2 && detail.row.escalated.length === 0) return null;
  if (isBlind(detail, operator?.subject))
    return (
      <p className="border-b border-line px-4 py-2">
        It takes {required} {required === 1 ? "approval" : "approvals by different people"}.{" "}
        <EscalatedTo roles={detail.row.escalated} />{" "}
        <span className="text-muted">
          What others decided, and whether, stays hidden until you have decided yourself.
        </span>
      </p>
    );
  return (
    <div className="border-b border-line px-4 py-2">
      <p>
        {given} of {required} approvals are given. <EscalatedTo roles={detail.row.escalated} />
      </p>
      <Decisions decisions={detail.decisions} />
    </div>
  );
}

function EscalatedTo({ roles }: { readonly roles: readonly string[] }) {
  return roles.length === 0 ? null : `Escalated to ${roles.map(visibleText).join(", then ")}.`;
}

/** How it is known that somebody was there for exactly their decision (ACP-51). */
const TOUCHES = {
  verified: { shape: "dot", tone: "good", label: "verified: their passkey signed exactly this" },
  asserted: { shape: "ring", tone: "warning", label: "asserted: the console says they authenticated for this" },
} as const;

function Decisions({ decisions }: { readonly decisions: readonly Decision[] }) {
  return (
    <ul className="space-y-0.5">
      {decisions.map(({ claims, seq, touch }) => (
        <li key={claims.jti} className="flex flex-wrap gap-x-2">
          <span>
            {doneWord(claims.outcome)}
            {claims.break_glass === true ? " alone" : ""} by{" "}
            <bdi title={visibleText(claims.iss)}>{visibleText(shortName(claims.iss))}</bdi>
          </span>
          <span className="text-muted">
            <Instant epochMs={claims.iat * 1000} />
          </span>
          <GoLink to="/timeline" search={{ entry: seq }}>
            entry {formatCount(seq)}
          </GoLink>
          {touch === null ? null : <Mark {...TOUCHES[touch]} size={10} />}
          {isOtherMind(claims.committed, claims.outcome) && claims.committed !== undefined ? (
            <span className="text-muted">{changedMind(claims.committed, "they")}</span>
          ) : null}
          {claims.reason === undefined ? null : (
            <span className="basis-full text-muted">
              “<UntrustedText text={claims.reason} maxCharacters={300} />”
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
