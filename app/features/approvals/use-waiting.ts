import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import { formatCount } from "../../ui/duration.ts";

/** How many requests wait for a human: in the whole log, and in the workflow the queue is narrowed to. */
export interface Waiting {
  readonly all: number | null;
  /** Undefined where the queue is not narrowed, null while it is not known. */
  readonly here: number | null | undefined;
}

/** `gate.queue` counts over the whole log, so a narrowed queue's own number is asked for apart. */
export function useWaiting(all: number | null, wid: string | undefined): Waiting {
  const { orpc } = useApi();
  const input = { state: "pending" as const, ...(wid === undefined ? {} : { wid }) };
  const here = useQuery(orpc.gate.queue.queryOptions({ input, enabled: wid !== undefined }));
  return { all, here: wid === undefined ? undefined : (here.data?.rows.length ?? null) };
}

export function waitingText({ all, here }: Waiting): string {
  if (all === null) return "";
  if (all === 0) return "nothing waits";
  if (here === undefined) return `${formatCount(all)} waiting`;
  return here === null
    ? `${formatCount(all)} waiting in all`
    : `${formatCount(here)} waiting in this workflow, ${formatCount(all)} in all`;
}
