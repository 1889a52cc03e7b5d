import type { QueryClient } from "@tanstack/react-query";
import type { OrpcQueries } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import type { Area } from "../api/contract/audit.ts";

/** As `domain-api.tsx` has it, which is loaded with the first other domain. */
const DOMAIN_KEY = "domain";

const EVERY = {
  identity: true,
  workflow: true,
  gate: true,
  override: true,
  policy: true,
  cascade: true,
  rollback: true,
  liveness: true,
  accounting: true,
  behavior: true,
  benchmark: true,
  drill: true,
  domains: true,
  audit: true,
  host: true,
} satisfies Record<Area, true>;
/** Every area of the contract: one that is left out does not type-check. */
export const AREAS = Object.keys(EVERY) as Area[]; // Its keys are all areas and nothing else, as checked above.
const RECONNECT_MS = 500;

export interface NoticePorts {
  readonly client: SignalboxClient;
  readonly orpc: OrpcQueries;
  readonly queries: QueryClient;
}

/**
 * Follows the host's change notices and renews the queries of the areas they name; nothing polls. After an interruption
 * everything is renewed, because notices may have been missed. Ends when `signal` aborts.
 */
export async function followChanges({ client, orpc, queries }: NoticePorts, signal: AbortSignal): Promise<void> {
  const renew = createRenewer(async (area) => {
    await queries.invalidateQueries({ queryKey: orpc[area].key() });
    // What is shown of another domain's log is asked for under keys of its own.
    if (area === "domains") await queries.invalidateQueries({ queryKey: [[DOMAIN_KEY]] });
  });
  let first = true;
  while (!signal.aborted) {
    try {
      const notices = await client.audit.watch(undefined, { signal });
      if (!first) for (const area of AREAS) renew(area);
      first = false;
      for await (const notice of notices) for (const area of notice.areas) renew(area);
    } catch {
      // The connection store says what is wrong with the link; here it is only taken up again.
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
  }
}

/**
 * One renewal per area at a time: notices that come meanwhile lead to one more after it, so that a query slower than the
 * notices still ends, and the last change is always seen.
 */
export function createRenewer(renew: (area: Area) => Promise<unknown>): (area: Area) => void {
  const running = new Set<Area>();
  const again = new Set<Area>();
  const run = async (area: Area): Promise<void> => {
    if (running.has(area)) {
      again.add(area);
      return;
    }
    running.add(area);
    do {
      again.delete(area);
      await renew(area).catch(() => undefined);
    } while (again.has(area));
    running.delete(area);
  };
  return (area) => void run(area);
}
