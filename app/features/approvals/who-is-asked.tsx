import { useOperator } from "../../operator/operator-context.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { isBlind } from "./blind.ts";
import type { GateDetail } from "./gate-detail.ts";

/**
 * Whose approvals it takes, how many are there once one has decided oneself (D3), who was asked besides, and who would be
 * asked next.
 */
export function WhoIsAsked({ detail }: { readonly detail: GateDetail }) {
  const { operator } = useOperator();
  const { row } = detail;
  const blind = isBlind(detail, operator?.subject);
  return (
    <ul className="mt-1 space-y-0.5" aria-label="Who is asked">
      {row.roles.map(({ role, given, required }) => (
        <li key={role}>
          <Role name={role} />: {blind ? required : `${given} of ${required}`}{" "}
          {required === 1 ? "approval" : "approvals"} {blind ? "needed" : "given"}
        </li>
      ))}
      {row.escalated.map((role) => (
        <li key={`besides ${role}`}>
          <Role name={role} />: escalated to, stands in for an approval that is missing
        </li>
      ))}
      {row.escalatesTo === null ? null : (
        <li className="text-muted">
          <Role name={row.escalatesTo} />: is next, should it be escalated{row.escalated.length === 0 ? "" : " further"}
        </li>
      )}
    </ul>
  );
}

function Role({ name }: { readonly name: string }) {
  return <bdi className="font-medium">{visibleText(name)}</bdi>;
}
