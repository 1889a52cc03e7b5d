import { createTanstackQueryUtils } from "@orpc/tanstack-query";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { useStore } from "zustand";
import { must } from "../../base/assert.ts";
import type { StopLine } from "../../protocol/override/stop-line.ts";
import type { SignalboxClient } from "./client.ts";
import type { Connection, ConnectionStore } from "./connection.ts";

export type { Connection, ConnectionStore } from "./connection.ts";

export type OrpcQueries = ReturnType<typeof createTanstackQueryUtils<SignalboxClient>>;

export interface Api {
  /** The ordinary channel. */
  readonly client: SignalboxClient;
  /** A channel of its own, so that nothing queues before a stop; only for `control.override.signal`. */
  readonly control: SignalboxClient;
  /** Query options and keys of the ordinary channel. */
  readonly orpc: OrpcQueries;
  readonly connection: ConnectionStore;
  /** What bars effects before a stop is signed (OVR-42); null where no memory is shared with the engine. */
  readonly stopLine: StopLine | null;
}

/** For `past-api.tsx`; everybody else takes `useApi`. */
export const ApiContext = createContext<Api | null>(null);

export interface ApiProviderProps {
  readonly client: SignalboxClient;
  readonly control: SignalboxClient;
  readonly connection: ConnectionStore;
  readonly stopLine?: StopLine | null;
  readonly children: ReactNode;
}

export function ApiProvider({ client, control, connection, stopLine = null, children }: ApiProviderProps) {
  const api = useMemo(
    () => ({ client, control, connection, stopLine, orpc: createTanstackQueryUtils(client) }),
    [client, control, connection, stopLine],
  );
  return <ApiContext value={api}>{children}</ApiContext>;
}

export function useApi(): Api {
  return must(useContext(ApiContext), "useApi is used inside an ApiProvider");
}

export function useConnection(): Connection {
  return useStore(useApi().connection);
}
