import type { ScopeChoice } from "./order-scopes.ts";

/** Says so where an order goes further than what is selected, because as many agents are not given one by one. */
export function WiderNote({
  choices,
  chosen,
}: {
  readonly choices: readonly ScopeChoice[];
  readonly chosen: ScopeChoice;
}) {
  if (chosen.id !== "workflow" || choices.some(({ id }) => id === "agent")) return null;
  return (
    <p role="alert" className="font-medium text-warning">
      This goes further than what is selected: so many agents are not given this order one by one. Select fewer to reach
      fewer.
    </p>
  );
}
