import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import type { EntryRow } from "../../api/contract/common.ts";
import type { GateRow } from "../../api/contract/gate.ts";
import type { StateChoice, Timeouts } from "./names.ts";

/** Most rows the contract gives at once. */
const PAGE_ROWS = 1000;

/**
 * Which requests ran out of time. A row of the queue only says that a request ended like a rejected one; the log has a record
 * of every time-out. Asked for when there is such a row, and again when there are more.
 */
export function useTimeouts(rows: readonly GateRow[], wid: string | undefined) {
  const { client } = useApi();
  const rejected = rows.filter((row) => row.state === "rejected").length;
  const query = useQuery({
    // Not a key of the audit area: only a request that ends can change the answer, and that changes the count.
    queryKey: ["gate-timeouts", wid ?? null, rejected],
    queryFn: ({ signal }) => readTimedOut(client, wid, signal),
    enabled: rejected > 0,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const timeouts: Timeouts | null =
    query.data === undefined ? null : { requests: query.data, complete: !query.isPlaceholderData };
  return { timeouts, isError: query.isError, error: query.error, refetch: query.refetch };
}

/** Requests whose task has a record of its gate's time-out. */
export async function readTimedOut(
  client: SignalboxClient,
  wid: string | undefined,
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const timeouts = await readAll(client, { typ: "record+jwt", action: "gate_timed_out" }, wid, signal);
  if (timeouts.length === 0) return new Set();
  const requests = await readAll(client, { typ: "hitl-request+jwt" }, wid, signal);
  const tasks = new Set(timeouts.map((row) => row.task));
  return new Set(requests.flatMap((row) => (row.jti !== null && tasks.has(row.task) ? [row.jti] : [])));
}

async function readAll(
  client: SignalboxClient,
  filter: { readonly typ: string; readonly action?: string },
  wid: string | undefined,
  signal: AbortSignal | undefined,
): Promise<EntryRow[]> {
  const rows: EntryRow[] = [];
  let cursor: number | null = null;
  do {
    const page: Awaited<ReturnType<SignalboxClient["audit"]["entries"]>> = await client.audit.entries(
      {
        ...filter,
        ...(wid === undefined ? {} : { wid }),
        ...(cursor === null ? {} : { cursor }),
        order: "oldest",
        limit: PAGE_ROWS,
      },
      signal === undefined ? {} : { signal },
    );
    rows.push(...page.rows);
    cursor = page.next;
  } while (cursor !== null);
  return rows;
}

/** The rows of a filter that the host does not know: its rejected ones, parted. Null where they cannot be parted yet. */
export function rowsOf(
  rows: readonly GateRow[],
  choice: StateChoice,
  timeouts: Timeouts | null,
): readonly GateRow[] | null {
  if ((choice !== "rejected" && choice !== "timed_out") || rows.length === 0) return rows;
  if (timeouts === null) return null;
  return rows.filter((row) => timeouts.requests.has(row.request) === (choice === "timed_out"));
}
