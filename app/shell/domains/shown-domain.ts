import { useRouterState } from "@tanstack/react-router";

const OF_A_LOG = "/timeline";

/** The other domain whose log is shown, as `domain` in the address; null where it is the console's own. Only Timeline shows a log. */
export function useShownDomain(): string | null {
  return useRouterState({
    select: ({ location }) => {
      const { domain } = location.search as { domain?: unknown };
      return location.pathname === OF_A_LOG && typeof domain === "string" && domain !== ""
        ? domain.slice(0, 253)
        : null;
    },
  });
}
