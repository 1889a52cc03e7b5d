import { describe, expect, it } from "vitest";
import { planRun } from "../../engine/workflow/plan.ts";
import { acted } from "../acting.fixture.ts";
import { besideOthers } from "./domains.fixture.ts";
import { runAcross } from "./run-across.fixture.ts";
import { domainsOfRun, MOST_DOMAINS } from "./run-domains.ts";

describe("the borders of a run", () => {
  it("[XDA-10] [XDA-30] are not got round by steps in the console's own domain", () => {
    const run = runAcross([
      ["plan", "core.example", []],
      ["fit", "metro.example", []],
      ["relay", "console.local", ["plan", "fit"]],
      ["again", "console.local", ["relay"]],
      ["carry", "metro.example", ["again"]],
      ["end", "console.local", ["carry"]],
    ]);
    const found = domainsOfRun(planRun("a run", run), "console.local");
    expect(found?.names).toEqual(["core.example", "metro.example"]);
    expect(found?.crossings).toEqual([[], [], [], [], [{ from: "core.example", to: "metro.example", last: [0] }], []]);
    expect(found?.local[4]).toEqual([1]);
  });

  it("[XDA-30] let nothing through where there are more than can be kept", async () => {
    const open = await besideOthers();
    const steps = Array.from({ length: MOST_DOMAINS + 1 }, (_, at) => [`t${at}`, `d${at}.example`, []] as const);
    const { wid, counts } = await acted(open.client, runAcross(steps), false);
    expect(counts).toMatchObject({ done: 0, refused: MOST_DOMAINS + 1 });
    expect((await open.client.audit.entries({ wid, action: "refused" })).rows[0]?.outcome).toBe("xd_too_many_domains");
    expect((await open.desk()).hosts.all()).toEqual([]);
    open.host.close();
  });
});
