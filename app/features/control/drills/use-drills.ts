import { useMutation, useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import { must } from "../../../base/assert.ts";
import { useOperator } from "../../../operator/operator-context.tsx";

export function useHistory() {
  const { orpc } = useApi();
  return useQuery(orpc.drill.history.queryOptions({ input: {} }));
}

/** The drills that run, without those that are over. */
export function useRunning() {
  const { orpc } = useApi();
  return useQuery(orpc.drill.history.queryOptions({ input: { only: "running" } }));
}

export function useProven() {
  const { orpc } = useApi();
  return useQuery(orpc.drill.proven.queryOptions());
}

/** Once a second as well: what its clock says changes without an entry. */
const LIVE_MS = 1000;

export function useDrill(wid: string) {
  const { orpc } = useApi();
  return useQuery({
    ...orpc.drill.state.queryOptions({ input: { wid } }),
    refetchInterval: ({ state }) => (state.data?.drill.score === null ? LIVE_MS : false),
  });
}

export function useAbort(wid: string) {
  const { client } = useApi();
  const by = useOperator().operator?.subject ?? null;
  return {
    ...useMutation({
      mutationFn: () => client.drill.abort({ wid, by: must(by, "somebody is signed in who ends it") }),
    }),
    /** Somebody has to be there whom the record can name. */
    isSignedIn: by !== null,
  };
}
