import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import { isUuid } from "./approvals-search.ts";
import { checkRequest, type SigningCheck } from "./clear-signing.ts";
import type { GateDetail } from "./gate-detail.ts";

/** The request as the host shows it now, and its token as logged. */
export function useRequest(request: string) {
  const api = useApi();
  const detail = useQuery(api.orpc.gate.request.queryOptions({ input: { request }, enabled: isUuid(request) }));
  const seq = detail.data?.seq;
  const token = useQuery({
    // Not a key of the audit area: a logged token never changes, so no change notice asks for it again.
    queryKey: ["request-token", request, seq],
    queryFn: ({ signal }) => api.client.audit.entry({ seq: seq ?? 0 }, { signal }).then((entry) => entry.token),
    enabled: seq !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return { detail, token };
}

/** The checks of what is shown right now, or null until they are done; never those of an earlier state of it. */
export function useChecks(detail: GateDetail, token: string | undefined): readonly SigningCheck[] | null {
  const { claims, digest, canonicalArgs, argsHash, steps } = detail;
  // biome-ignore lint/correctness/useExhaustiveDependencies: exactly the members that the checks read
  const subject = useMemo(() => ({ detail, token }), [claims, digest, canonicalArgs, argsHash, steps, token]);
  const [done, setDone] = useState<{ subject: object; checks: readonly SigningCheck[] } | null>(null);
  useEffect(() => {
    if (subject.token === undefined) return;
    let current = true;
    void checkRequest(subject.detail, subject.token)
      // A browser that cannot hash here: nothing was checked, so nothing passes.
      .catch((error: unknown): SigningCheck[] => [
        { id: "request_token", label: "Checks", passed: false, detail: problemOf(error).detail },
      ])
      .then((checks) => {
        if (current) setDone({ subject, checks });
      });
    return () => {
      current = false;
    };
  }, [subject]);
  return done?.subject === subject ? done.checks : null;
}

/** How long something must have been in view before a press counts, ms: a list that shifts under the pointer decides nothing. */
export const ARMING_MS = 400;

/** When the thing named by `key` came into view (epoch ms), and whether it has been there long enough. */
export function useArmed(key: string): { readonly armed: boolean; readonly shownAtMs: number } {
  const [armedKey, setArmedKey] = useState<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new key is a new moment
  const shownAtMs = useMemo(() => Date.now(), [key]);
  useEffect(() => {
    const timer = setTimeout(() => setArmedKey(key), ARMING_MS);
    return () => clearTimeout(timer);
  }, [key]);
  return { armed: armedKey === key, shownAtMs };
}
