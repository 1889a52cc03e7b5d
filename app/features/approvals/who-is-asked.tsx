import { visibleText } from "../../ui/visible-text.ts";
import type { GateDetail } from "./gate-detail.ts";

/** Whose approvals it takes and how many are there, who was asked besides, and who would be asked next. */
export function WhoIsAsked({ row }: { readonly row: GateDetail["row"] }) {
  return (
    <ul className="mt-1 space-y-0.5" aria-label="Who is asked">
      {row.roles.map(({ role, given, required }) => (
        <li key={role}>
          <Role name={role} />: {given} of {required} {required === 1 ? "approval" : "approvals"} given
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
