import { visibleText } from "../../../ui/visible-text.ts";
import type { GateDetail } from "../gate-detail.ts";

/** Who is left out when one person approves alone, and what follows from it (D6). */
export function AloneFacts({ detail }: { readonly detail: GateDetail }) {
  return (
    <ul className="list-disc space-y-0.5 pl-4" aria-label="What approving alone means">
      <li>
        It takes {peopleAsked(detail)}. You would stand in for all of them, because the rule allows that in an
        emergency.
      </li>
      <li>
        Within 24 h another duty manager or safety officer says whether it was right. Until then every view shows it.
      </li>
      <li>You authenticate for exactly this. Whoever started the workflow cannot do it.</li>
    </ul>
  );
}

function peopleAsked({ row }: GateDetail): string {
  return row.roles
    .map(
      ({ role, required }) =>
        `${required === 1 ? "one person" : `${required} people`} with the role ${visibleText(role)}`,
    )
    .join(" and ");
}
