import { v4 } from "uuid";
import { expect, it } from "vitest";
import { createLocalPool } from "../../agents/local-pool.ts";
import type { AgentPool, FromAgent } from "../../agents/messages.ts";
import { enrolledOperator } from "../../api/dispatch/operator.fixture.ts";
import { must } from "../../base/assert.ts";
import type { Clock } from "../../base/ports.ts";
import { systemIds } from "../../base/system.ts";
import type { Storage } from "../../engine/ports.ts";
import { type BetClaims, betClaimsSchema } from "../../protocol/behavior/evidence.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { openedHost } from "../host.fixture.ts";
import { loadKey } from "../host-keys.ts";
import { agentKeyName } from "../open-host.ts";
import { builderRun, jumpClock, putProfile } from "./behavior.fixture.ts";

type Evidence = Extract<FromAgent, { t: "evidence" }>;

const idOf = (name: string): string => `spiffe://console.local/agent/${name}`;
const nameOf = (agent: string): string => agent.slice(agent.lastIndexOf("/") + 1);
const ALL = ["gateway", "self", "sidecar"];

/** What liars make of their true word about themselves; it is signed by their own key all the same. */
const LIES: Readonly<Record<string, (said: BetClaims) => Partial<BetClaims>>> = {
  // Leaves out what it was not to do, as if it had only built.
  hides: () => ({
    counts: { build_site: 2 },
    samples: 2,
    violations: [],
    compliance: 1,
    drift: 0,
    dag_root: undefined,
  }),
  elsewhen: ({ window }) => ({ window: { ...window, from: window.from - 60 } }),
};

/** A real pool, between whose agents and their host something lies. */
function lyingPool(storage: Storage, clock: Clock): { readonly pool: AgentPool; readonly silenced: Set<string> } {
  const pool = createLocalPool({ clock, ids: systemIds });
  const silenced = new Set<string>();
  const first = new Map<string, string | null>();

  const lied = async (message: Evidence): Promise<Evidence | null> => {
    const { agent, token } = message;
    const name = nameOf(agent);
    if (name === "silent") {
      silenced.add(name);
      return null;
    }
    if (name === "broken") return { ...message, token: "no token" };
    if (name === "replays") {
      if (!first.has(name)) first.set(name, token);
      return { ...message, token: first.get(name) ?? null };
    }
    const lie = LIES[name];
    if (lie === undefined || token === null) return message;
    const parsed = parseCompact(token);
    const said = betClaimsSchema.parse(parsed.ok ? parsed.value.payload : null);
    const key = await loadKey(storage.values, agentKeyName(said.wid, name));
    const { signer } = must(key.ok ? key.value : null, "the agent's key");
    const claims = JSON.parse(JSON.stringify({ ...said, jti: v4(), ...lie(said) })) as object; // what is undefined, gone
    return { ...message, token: await signToken("bet+jwt", claims, signer) };
  };

  return {
    silenced,
    pool: {
      ...pool,
      onMessage: (listener) =>
        pool.onMessage((message) => {
          if (message.t !== "evidence") listener(message);
          else void lied(message).then((so) => (so === null ? undefined : listener(so)));
        }),
    },
  };
}

async function lyingHost() {
  const storage = createMemoryStorage();
  const clock = jumpClock();
  const { pool, silenced } = lyingPool(storage, clock);
  const { host, client } = await openedHost({ storage, clock, pool });
  const alice = await enrolledOperator(client);
  const judged = async (name: string, run: ReturnType<typeof builderRun>, nth = 1) => {
    await alice.start(run);
    await expect
      .poll(
        async () => {
          // Past the wait for the agent, and within that for everybody: whoever says nothing takes nobody's word away.
          clock.tick(silenced.delete(name) ? 4500 : 0);
          return (await client.behavior.agent({ agent: idOf(name) })).windows.length;
        },
        { interval: 5 },
      )
      .toBe(nth);
    const { windows, reasons } = await client.behavior.agent({ agent: idOf(name) });
    const { evidence } = await client.behavior.evidence({ agent: idOf(name), reader: alice.subject });
    return {
      observers: windows.at(-1)?.observers.toSorted(),
      verdict: windows.at(-1)?.verdict,
      hidden: reasons.flatMap(({ rule, hidden }) => (rule === "action-not-allowed" ? [hidden] : [])),
      told: reasons.flatMap(({ rule }) => (/_/.test(rule) ? [rule] : [])),
      problems: evidence.flatMap(({ problem }) => (problem === null ? [] : [problem.code])),
    };
  };
  return { host, client, alice, judged };
}

it("[BEH-S1] [BEH-S2] [BEH-23] [BEH-58] agents that lie about themselves over their own channel are found, and silence takes nobody's word away", async () => {
  const { host, client, alice, judged } = await lyingHost();
  await putProfile(client, alice, { applies_to: [idOf("*")], allowed_actions: ["build_site"] });
  const offends = (name: string) => builderRun(["build_site", "pack_site", "build_site"], `Run of ${name}`, name);
  const honest = { observers: ALL, hidden: [false], problems: [], told: [] };
  expect(await judged("honest", offends("honest"))).toMatchObject(honest);
  expect(await judged("hides", offends("hides"))).toMatchObject({
    ...{ observers: ALL, hidden: [true], problems: [] },
    told: ["observer_conflict"],
  });
  const beside = { observers: ["gateway", "sidecar"], hidden: [false] };
  expect(await judged("elsewhen", offends("elsewhen"))).toMatchObject({ ...beside, problems: ["bet_stale"] });
  for (const name of ["broken", "silent"])
    expect(await judged(name, offends(name))).toMatchObject({ ...beside, problems: [] });
  const clean = (nth: number) => builderRun(["build_site", "build_site"], `Run ${nth} of one who replays`, "replays");
  expect((await judged("replays", clean(1))).observers).toEqual(ALL);
  // What it brings again is no evidence of another window.
  expect((await judged("replays", clean(2), 2)).observers).toEqual(beside.observers);
  host.close();
});

it("[BEH-57] [BEH-58] an honest agent's word agrees with the log where another made good what its rules ask for", async () => {
  const { host, client, alice, judged } = await lyingHost();
  const run = builderRun(["build_site", "pack_site", "pack_site"], "Of two", "packer");
  const [first, ...rest] = run.tasks;
  const two = {
    ...run,
    agents: [...run.agents, ...run.agents.map((agent) => ({ ...agent, id: "other" }))],
    tasks: [{ ...must(first ?? null, "a first task"), agent: "other" }, ...rest],
  };
  await putProfile(client, alice, {
    ...{ applies_to: [idOf("packer")], allowed_actions: ["pack_site"], baseline: { action_freq: { pack_site: 1 } } },
    sequences: [{ id: "built-first", kind: "must_precede", a: "build_site", b: "pack_site", severity: 4 }],
    assurance: "regulated",
  });
  expect(await judged("packer", two)).toEqual({
    ...{ observers: ALL, verdict: "conformant", hidden: [], told: [], problems: [] },
  });
  host.close();
});
