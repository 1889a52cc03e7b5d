import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { GoLink } from "../../ui/go-link.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Section } from "../../ui/section.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { diffArguments } from "./argument-diff.ts";
import { DiffTable } from "./diff-table.tsx";
import type { GateDetail } from "./gate-detail.ts";
import { stateMark } from "./names.ts";
import { sha256Text } from "./shown-view.ts";

/** What is different from the last time the same was asked (ACP-13): the target and every argument. */
export function PreviousView({ detail }: { readonly detail: GateDetail }) {
  const { previous } = detail;
  return (
    <Section title="Against the last similar action">
      {previous === null ? (
        <p className="text-muted">This agent has not been decided upon for this action before.</p>
      ) : (
        <Compared detail={detail} previous={previous} />
      )}
    </Section>
  );
}

type Previous = NonNullable<GateDetail["previous"]>;

function Compared({ detail, previous }: { readonly detail: GateDetail; readonly previous: Previous }) {
  const digest = useQuery({
    queryKey: ["text-digest", previous.request, previous.canonicalArgs],
    queryFn: () => sha256Text(previous.canonicalArgs),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const diff = useMemo(
    () => diffArguments(previous.canonicalArgs, detail.canonicalArgs),
    [previous.canonicalArgs, detail.canonicalArgs],
  );
  const target = detail.claims.task.target ?? null;
  return (
    <>
      <p className="mb-1">
        <UntrustedText text={previous.taskName} maxCharacters={80} />
        {previous.sameAgent ? "" : ", by an agent of the same name in another workflow"},{" "}
        {stateMark(previous.state).label}
        {previous.closedAt === null ? "" : " "}
        {previous.closedAt === null ? null : <Instant epochMs={previous.closedAt * 1000} />},{" "}
        <GoLink to="/approvals" search={{ request: previous.request, state: "all" }}>
          its request
        </GoLink>
        .
      </p>
      {target === previous.target ? null : (
        <p className="mb-1">
          Another target: <Target text={previous.target} /> then, <Target text={target} /> now.
        </p>
      )}
      {digest.data !== undefined && digest.data !== previous.argsHash ? (
        <p className="text-warning">
          The stored arguments of that action are not those its request named: not compared.
        </p>
      ) : (
        <DiffTable diff={diff} was="Then" now="Now" />
      )}
    </>
  );
}

function Target({ text }: { readonly text: string | null }) {
  return text === null ? (
    <span className="text-muted">none</span>
  ) : (
    <UntrustedText text={text} maxCharacters={120} mono />
  );
}
