import type { Fault } from "../../agents/drill/faults.ts";
import { createLocalPool } from "../../agents/local-pool.ts";
import type { AgentPool, FromAgent } from "../../agents/messages.ts";
import { enrolledOperator, type TestClient } from "../../api/dispatch/operator.fixture.ts";
import { settled } from "../../base/settled.fixture.ts";
import { systemIds } from "../../base/system.ts";
import type { Signer } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { handClock } from "../hand-clock.fixture.ts";
import { openedHost } from "../host.fixture.ts";
import { builds } from "../orders.fixture.ts";

/** How an agent under test misbehaves. */
export interface Lying {
  readonly faults?: readonly Fault[];
  /** So long after it asked for a human it says that the gated task is done, ms. */
  readonly doneAfterMs?: number;
  /** As soon as it was started again it says that the gated task is done. */
  readonly doneOnRestart?: boolean;
}

const nameOf = (agent: string): string => agent.slice(agent.lastIndexOf("/") + 1);

/** The pool of agents in the host's thread, taken for one of workers, whose agents of drills lie in these ways, by name. */
function lyingPool(clock: ReturnType<typeof handClock>, lies: Readonly<Record<string, Lying>>): AgentPool {
  const pool = createLocalPool({ clock, ids: systemIds });
  const listeners: ((message: FromAgent) => void)[] = [];
  const signers = new Map<string, Signer>();
  const gated = new Map<string, { readonly wid: string; readonly task: string; readonly pepId: string }>();
  const said = async (agent: string): Promise<void> => {
    const signer = signers.get(agent);
    const task = gated.get(agent);
    if (signer === undefined || task === undefined) return;
    const iat = Math.floor(clock.nowMs() / 1000);
    const claims = { iss: agent, aud: [task.pepId], iat, exp: iat + 60, jti: task.task, wid: task.wid };
    const token = await signToken("exec+jwt", { ...claims, exec_act: "self_test_gated", pred: [] }, signer);
    for (const listener of listeners) listener({ t: "ect", agent, wid: task.wid, task: task.task, joins: [], token });
  };
  const pepIds = new Map<string, string>();
  return {
    ...pool,
    place: "workers",
    onMessage: (listener) => {
      listeners.push(listener);
      pool.onMessage(listener);
    },
    admit: (agent, signer, pepId, faults, drill, halted) => {
      const isAgain = signers.has(agent);
      const lying = drill == null ? undefined : lies[nameOf(agent)];
      pool.admit(agent, signer, pepId, lying?.faults ?? faults, drill, halted);
      if (lying === undefined) return;
      signers.set(agent, signer);
      pepIds.set(agent, pepId);
      // What it has in mind of the gate is of before: nothing asks it for that again.
      if (isAgain && lying.doneOnRestart === true) void said(agent);
    },
    send: (message) => {
      pool.send(message);
      const pepId = pepIds.get("agent" in message ? message.agent : "");
      if (message.t !== "gate" || pepId === undefined) return;
      gated.set(message.agent, { wid: message.task.wid, task: message.task.jti, pepId });
      const afterMs = lies[nameOf(message.agent)]?.doneAfterMs;
      if (afterMs !== undefined) clock.after(afterMs, () => void said(message.agent));
    },
  };
}

/** A host with these agents at work, whose time passes by hand. */
export async function atWorkHost(names: readonly string[], lies: Readonly<Record<string, Lying>> = {}) {
  const clock = handClock();
  const storage = createMemoryStorage();
  const open = await openedHost({ clock, storage, pool: lyingPool(clock, lies) });
  const alice = await enrolledOperator(open.client);
  const one = builds(1);
  const run = {
    ...one,
    agents: names.map((id) => ({ id, name: id, kind: "agent" })),
    tasks: names.flatMap((agent) => one.tasks.map((task) => ({ ...task, id: `${agent}.${task.id}`, agent }))),
  };
  const real = await alice.start(run, { speed: 1 });
  await settled();
  return { ...open, alice, clock, storage, real };
}

export const agentOf = (name: string): string => `spiffe://console.local/agent/${name}`;

/** What the log proves of agents once their self-test is over; nothing outruns what is being signed meanwhile. */
export async function tested(client: TestClient, clock: ReturnType<typeof handClock>) {
  for (;;) {
    const { agents } = await client.drill.selfTests({});
    if (agents.every(({ last, running }) => last !== null && running === null))
      return new Map(agents.map((proof) => [nameOf(proof.agent), proof]));
    await settled();
    clock.advance(500);
  }
}
