import { must } from "../../base/assert.ts";
import type { SignalboxClient } from "../client/client.ts";
import type { Connection } from "../client/connection.ts";
import { connectEmbedded, type EmbeddedConnection } from "./connect.ts";

/** Two tabs of one browser profile, each with its worker, that can be killed and opened again. */
export interface Tabs {
  client(tab: Tab): SignalboxClient;
  /** Whose worker has the engine. */
  leader(): Tab;
  /** Ends these tabs as a crash does: their workers hear nothing of it. */
  kill(tabs: readonly Tab[]): void;
  /** Opens what was killed; resolves when one of the two leads and the other follows it. */
  reopen(): Promise<void>;
  close(): void;
}

export const TABS = ["A", "B"] as const;
export type Tab = (typeof TABS)[number];
export const otherThan = (tab: Tab): Tab => (tab === "A" ? "B" : "A");

export async function openTabs(profile: string): Promise<Tabs> {
  const open = new Map<Tab, OpenTab>();
  // A third tab that nobody works in: it has its worker loaded already, which is what opening a tab costs most.
  let spare: OpenTab | null = null;
  const tabs: Tabs = {
    client: (tab) => must(open.get(tab), "an open tab").connection.client,
    leader: () => must(TABS.find((tab) => stateOf(open.get(tab)) === "leader") ?? null, "one of the two leads"),
    kill: (dying) => {
      for (const tab of dying) {
        open.get(tab)?.kill();
        open.delete(tab);
      }
    },
    reopen: async () => {
      for (const tab of TABS) {
        if (open.has(tab)) continue;
        open.set(tab, spare ?? openTab(profile));
        spare = null;
      }
      const both = [...open.values()];
      await Promise.all(both.map((tab) => reaches(tab, ["leader", "follower"])));
      // A follower of somebody who is gone still reads "follower" until it has heard of it.
      await Promise.any(both.map((tab) => reaches(tab, ["leader"])));
      spare ??= openTab(profile);
    },
    close: () => {
      spare?.kill();
      tabs.kill(TABS);
    },
  };
  await tabs.reopen();
  return tabs;
}

interface OpenTab {
  readonly connection: EmbeddedConnection;
  kill(): void;
}

/** The page's own connection; its worker is kept at hand, so that it can be ended without being told. */
function openTab(profile: string): OpenTab {
  const PlainWorker = globalThis.Worker;
  const workers: Worker[] = [];
  globalThis.Worker = class extends PlainWorker {
    constructor(...made: ConstructorParameters<typeof Worker>) {
      super(...made);
      workers.push(this);
    }
  };
  try {
    const connection = connectEmbedded(profile);
    return {
      connection,
      kill: () => {
        for (const worker of workers) worker.terminate();
        connection.close();
      },
    };
  } finally {
    globalThis.Worker = PlainWorker;
  }
}

const stateOf = (tab: OpenTab | undefined): Connection["state"] | null =>
  tab?.connection.connection.getState().state ?? null;

function reaches({ connection: { connection } }: OpenTab, wanted: readonly Connection["state"][]): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = ({ state, detail }: Connection): void => {
      if (state === "failed") reject(new Error(detail));
      if (state === "failed" || wanted.includes(state)) {
        ended();
        resolve();
      }
    };
    const ended = connection.subscribe(look);
    look(connection.getState());
  });
}
