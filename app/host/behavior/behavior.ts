import type { LoggedFact } from "../../engine/fact.ts";
import type { BehaviorDirector, BehaviorPorts, Challenge } from "./director.ts";

/** What a host does about conduct: nothing, and loads nothing, before somebody has said what to expect of an agent. */
export interface Behavior {
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[]): void;
  challenge(agent: string): Promise<Challenge>;
  answered(agent: string, nonce: string | undefined): Promise<string | null>;
  close(): void;
}

export function createBehavior(ports: BehaviorPorts): Behavior {
  let loading: Promise<BehaviorDirector> | null = null;
  let closed = false;
  const load = (): Promise<BehaviorDirector> => {
    loading ??= import("./director.ts").then(({ createBehaviorDirector }) => createBehaviorDirector(ports));
    return loading;
  };
  /** What could not be loaded is tried again with the next thing it is for. */
  const lost = (): void => {
    loading = null;
  };
  return {
    open: async () => {
      const isExpected = await ports.engine.read((state) => state.behavior.profiles.size > 0);
      if (isExpected)
        void load()
          .then((director) => (closed ? undefined : director.open()))
          .catch(lost);
    },
    facts: (logged) => {
      if (loading === null && !logged.some(({ fact }) => fact.typ === "behavior-profile+jwt")) return;
      void load()
        .then((director) => (closed ? undefined : director.facts(logged)))
        .catch(lost);
    },
    challenge: async (agent) => (await load()).challenge(agent),
    answered: async (agent, nonce) => (await load()).answered(agent, nonce),
    close: () => {
      closed = true;
      void loading?.then((director) => director.close()).catch(() => undefined);
    },
  };
}
