import { useOperator } from "../../operator/operator-context.tsx";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import type { GateDetail } from "./gate-detail.ts";
import { doneWord, rowMark, shortName } from "./names.ts";

type Decision = GateDetail["decisions"][number];

/** How a request was settled: by whom, why, and where it stands in the log. */
export function SettledBar({ detail, meanwhile }: { readonly detail: GateDetail; readonly meanwhile: boolean }) {
  const mark = rowMark(detail.row);
  const { operator } = useOperator();
  const byOthers = !detail.decisions.some(({ claims }) => claims.iss === operator?.subject);
  return (
    <section className="shrink-0 space-y-1 border-t border-strong bg-panel px-4 py-3" aria-label="Outcome">
      <p role="status" className="flex flex-wrap items-center gap-x-2">
        <Mark {...mark} label={meanwhile && byOthers ? `Settled meanwhile: ${mark.label}` : mark.label} />
        <span className="text-muted">{settledHow(detail)}</span>
      </p>
      <Decisions decisions={detail.decisions} />
    </section>
  );
}

function settledHow(detail: GateDetail): string {
  const { row } = detail;
  if (row.timedOut) return `Nobody answered in time, so it was ${row.state === "aborted" ? "aborted" : "denied"}.`;
  if (row.state === "aborted" && detail.decisions.some(({ claims }) => claims.outcome === "abort"))
    return "The action does not run, and its task ended as aborted.";
  if (row.state === "aborted") return "It was taken out of everybody's hands: by a stop or a revoked policy.";
  if (row.state === "expired") return "The approval was not used in time and cannot be used any more.";
  if (row.state === "approved")
    return "The action may run once; the enforcement point checks the approval again before it.";
  if (row.state === "consumed") return "The approval was used for its one execution.";
  return "";
}

/**
 * Decisions given so far. While it waits for another person, what the others said stays hidden from someone who has not
 * decided yet (D3).
 */
export function DecisionsSoFar({ detail }: { readonly detail: GateDetail }) {
  const { operator } = useOperator();
  const { given, required } = detail.row.approvals;
  if (required < 2 && detail.row.escalated.length === 0) return null;
  const decided = detail.decisions.some(({ claims }) => claims.iss === operator?.subject);
  return (
    <div className="border-b border-line px-4 py-2">
      <p>
        {given} of {required} approvals are given. <EscalatedTo roles={detail.row.escalated} />{" "}
        {detail.decisions.length > 0 && !decided ? (
          <span className="text-muted">Who and why stays hidden until you have decided yourself.</span>
        ) : null}
      </p>
      {decided ? <Decisions decisions={detail.decisions} /> : null}
    </div>
  );
}

function EscalatedTo({ roles }: { readonly roles: readonly string[] }) {
  return roles.length === 0 ? null : `Escalated to ${roles.map(visibleText).join(", then ")}.`;
}

function Decisions({ decisions }: { readonly decisions: readonly Decision[] }) {
  return (
    <ul className="space-y-0.5">
      {decisions.map(({ claims, seq }) => (
        <li key={claims.jti} className="flex flex-wrap gap-x-2">
          <span>
            {doneWord(claims.outcome)} by{" "}
            <bdi title={visibleText(claims.iss)}>{visibleText(shortName(claims.iss))}</bdi>
          </span>
          <span className="text-muted">
            <Instant epochMs={claims.iat * 1000} />
          </span>
          <GoLink to="/timeline" search={{ entry: seq }}>
            entry {formatCount(seq)}
          </GoLink>
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
