import { expect, it } from "vitest";
import { ok } from "../../base/result.ts";
import { systemClock, systemIds } from "../../base/system.ts";
import { turn } from "../../base/turn.ts";
import { planRun, taskJti } from "../../engine/workflow/plan.ts";
import { createBorderDirector } from "./border-director.ts";
import { runAcross } from "./run-across.fixture.ts";

const WID = "0195400c-0000-7000-8000-0000000000a1";

it("[S5] [XDA-31] looks through a long workflow in pieces, and afterwards only at what there is news of", async () => {
  const plan = planRun(
    "a run",
    runAcross(Array.from({ length: 200 }, (_, at) => [`t${at}`, "core.example", []] as const)),
  );
  const jtis = plan.tasks.map(({ id }) => taskJti(WID, id));
  let looked = 0;
  let news = "none";
  let ms = 0;
  const workflow = {
    run: "a run",
    acp: "",
    ects: new Map(),
    tasks: {
      // Refused is what news is of here: it is looked at, and is on record already.
      get: (jti: string) => ({ jti, agent: "a", status: jti === jtis[7] ? "refused" : "planned", code: news }),
    },
  };
  const host = {
    domain: "core.example",
    host: { engine: { issueHead: async () => null } },
    ledger: {
      audit: () => {
        looked += 1;
        return {};
      },
    },
  };
  const director = createBorderDirector({
    // As much of each as is asked for here.
    engine: {
      ids: { domain: "console.local" },
      read: async (ask: (state: unknown) => unknown) =>
        ask({ workflows: new Map([[WID, workflow]]), policies: new Map() }),
    },
    hosts: { ensure: async () => ok(undefined), get: () => host },
    runs: { plan: async () => ok(plan), jtis: () => ({ jtis, indexOf: new Map(jtis.map((jti, at) => [jti, at])) }) },
    storage: {},
    ids: systemIds,
    // Each look at the time takes ten: no machine is too fast for this.
    clock: { ...systemClock, monotonicMs: () => (ms += 10) },
    changed: () => undefined,
  } as never);
  const answered: string[] = [];
  director.look([WID]);
  const looking = director.settled().then(() => answered.push("the trail"));
  for (const request of ["a request", "a stop"]) {
    await turn();
    answered.push(request);
  }
  await looking;
  expect(answered).toEqual(["a request", "a stop", "the trail"]);
  expect(looked).toBe(200);

  for (const [told, more] of [
    ["none", 0],
    ["override_active", 1],
    ["override_active", 0],
  ] as const) {
    looked = 0;
    news = told;
    director.look([WID]);
    await director.settled();
    expect([told, looked]).toEqual([told, more]);
  }
  director.close();
});
