import { expect, it } from "vitest";
import { smallRun } from "../../api/dispatch/operator.fixture.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { systemClock, systemIds } from "../../base/system.ts";
import type { SubmitError } from "../../engine/engine.ts";
import type { Unavailable } from "../../engine/ports.ts";
import { planRun, type RunPlan } from "../../engine/workflow/plan.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { acted } from "../acting.fixture.ts";
import { createDomainHosts } from "./domain-hosts.ts";
import { profileOf } from "./domain-profiles.ts";
import { besideOthers } from "./domains.fixture.ts";
import { createDomains } from "./domains.ts";
import { runAcross } from "./run-across.fixture.ts";

const ID = "0195400c-0000-7000-8000-000000000301";
const AWAY: Unavailable = { code: "storage_blocked", retry: true, detail: "refused by the test" };

it("[XDA-30] lets nothing through while it cannot be read whether a run names domains, and nothing whose run is not there", async () => {
  const gone = refusal("run_unknown", "this recorded run is not stored here");
  let plan: Result<RunPlan, SubmitError> = err(gone);
  const later: (() => void)[] = [];
  const state = { workflows: new Map([[ID, { run: "a run" }]]) };
  const domains = createDomains({
    ...{ storage: createMemoryStorage(), ids: systemIds, sha256: await createSha256(), profile: undefined },
    // All that is asked of them here.
    engine: { read: async (read: (of: typeof state) => unknown) => read(state) } as never,
    runs: { plan: async () => plan } as never, // likewise
    clock: {
      ...systemClock,
      after: (_ms, run) => {
        later.push(run);
        return () => undefined;
      },
    },
    open: async () => err(AWAY),
    own: () => null as never, // nobody is asked
    changed: () => undefined,
  });
  const intent = { wid: ID, task: ID } as never; // what of it is looked at
  expect(await domains.admit(intent)).toEqual(gone);
  plan = err(AWAY);
  const answers: unknown[] = [];
  const asked = domains.admit(intent).then((answer) => answers.push(answer));
  await expect.poll(() => later.length).toBe(1);
  expect(answers).toEqual([]);
  plan = ok(planRun("a run", smallRun("At home", 1)));
  later[0]?.();
  await asked;
  expect(answers).toEqual([null]);
});

it("[XDA-31] never forgets a domain because the list of them could not be read", async () => {
  const storage = createMemoryStorage();
  const { values } = storage;
  await values.put("domains/known", ["access.example"]);
  let away = true;
  const hosts = createDomainHosts({
    ...{ sha256: await createSha256(), profile: profileOf, clock: systemClock, changed: () => undefined },
    storage: { ...storage, values: { ...values, get: async (key) => (away ? err(AWAY) : values.get(key)) } },
    open: async () => err(AWAY),
  });
  expect([await hosts.open(), await hosts.ensure(["core.example"])]).toEqual([err(AWAY), err(AWAY)]);
  expect(await values.get("domains/known")).toEqual(ok(["access.example"]));
  away = false;
  await hosts.ensure(["core.example"]);
  expect(await values.get("domains/known")).toEqual(ok(["access.example", "core.example"]));
});

it("[XDA-2] [XDA-31] opens no second host over its own log for agents that a run places in the console's own domain", async () => {
  const open = await besideOthers();
  const run = runAcross([
    ["plan", "console.local", []],
    ["carry", "metro.example", ["plan"]],
    ["fit", "core.example", ["carry"]],
  ]);
  const { wid, counts } = await acted(open.client, run, false);
  expect(counts).toMatchObject({ done: 3 });
  const desk = await open.desk();
  await desk.settled();
  expect(desk.hosts.all().map(({ domain }) => domain)).toEqual(["core.example", "metro.example"]);
  expect((await desk.trails.trail(wid)).crossings.map(({ from, to, state }) => [from, to, state])).toEqual([
    ["metro.example", "core.example", "verified"],
  ]);
  open.host.close();
});
