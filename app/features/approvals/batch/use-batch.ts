import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../../api/client/client.ts";
import { checkRequest } from "../clear-signing.ts";
import type { BatchMember } from "./batch-member.ts";

/** Reads every request of a group with its token, and makes all checks of each. One that is gone is left out. */
export function useBatch(requests: readonly string[]) {
  const { client } = useApi();
  return useQuery({
    queryKey: ["gate-batch", ...requests],
    queryFn: ({ signal }) => Promise.all(requests.map((request) => readMember(client, request, signal))),
    // What is decided is what was read and shown here; a request that was settled meanwhile is refused by the host.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

async function readMember(client: SignalboxClient, request: string, signal: AbortSignal): Promise<BatchMember> {
  const detail = await client.gate.request({ request }, { signal });
  const { token } = await client.audit.entry({ seq: detail.seq }, { signal });
  return { detail, token, checks: await checkRequest(detail, token) };
}
