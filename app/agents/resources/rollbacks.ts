import type { Clock, Ids } from "../../base/ports.ts";
import type { FromAgent, ToAgent } from "../messages.ts";
import { patiently } from "./acting.ts";
import type { createParticipation, Party } from "./participant.ts";
import type { ResourceDesk } from "./resource-store.ts";

/** An agent's part in rollbacks, loaded when there is one: most agents never take part in any. */
export interface Rollbacks {
  /** Takes up what was going on when the agent was last here. */
  resume(): Promise<void>;
  request(message: Extract<ToAgent, { t: "rollback" }>): Promise<void>;
}

export function createRollbacks(
  party: Party,
  ports: {
    readonly clock: Clock;
    readonly ids: Ids;
    readonly desk: ResourceDesk;
    send(message: FromAgent): void;
  },
): Rollbacks {
  let loaded: Promise<ReturnType<typeof createParticipation>> | null = null;
  const load = async (): Promise<ReturnType<typeof createParticipation>> => {
    const [{ createParticipation: create }, { createSha256 }] = await Promise.all([
      import("./participant.ts"),
      import("../../protocol/jose/hasher.ts"),
    ]);
    return create(party, { ...ports, sha256: await createSha256() });
  };
  const participation = (): ReturnType<typeof load> => {
    loaded ??= load();
    return loaded;
  };
  return {
    resume: async () => {
      const kept = await patiently(ports.clock, () => ports.desk.kept(party.agent));
      if (kept.ok && kept.value.length > 0) await (await participation()).resume();
    },
    request: async (message) => (await participation()).request(message),
  };
}
