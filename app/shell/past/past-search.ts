import { useRouterState } from "@tanstack/react-router";
import { AS_OF } from "../../ui/frozen.ts";

export { AS_OF } from "../../ui/frozen.ts";

/** What a link says of it; what is no number of entries says nothing. */
export function asOfIn(search: object): number | null {
  const value: unknown = (search as Partial<Record<typeof AS_OF, unknown>>)[AS_OF];
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1 ? value : null;
}

/** As of which entry the console is shown; null for now. */
export function useAsOf(): number | null {
  return useRouterState({ select: (state) => asOfIn(state.location.search) });
}
