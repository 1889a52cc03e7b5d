import { expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { planRun } from "../../engine/workflow/plan.ts";
import { askersOf } from "./asked-by.ts";
import { acrossThree } from "./domains.fixture.ts";
import { runAcross } from "./run-across.fixture.ts";
import { domainsOfRun } from "./run-domains.ts";

/** By task, who asked for it. */
function asked(run: ReturnType<typeof runAcross>): Record<string, string | null> {
  const plan = planRun("digest", run);
  const askers = askersOf(must(domainsOfRun(plan, "console.local"), "it names domains"), plan.order);
  return Object.fromEntries(plan.tasks.map(({ id }, at) => [id, askers[at]?.split(".")[0] ?? null]));
}

it("[XDA-80] work is asked for by the domain that handed it over, and what comes back to it is its own again", () => {
  expect(asked(acrossThree())).toEqual({ plan: null, carry: "core", fit: "core", verify: null });
});

it("[XDA-80] what was handed on goes by its last border, and each task has one asker, the first", () => {
  const run = runAcross([
    ["plan", "core.example", []],
    ["other", "access.example", []],
    ["carry", "metro.example", ["plan", "other"]],
    ["more", "metro.example", ["carry"]],
    ["fit", "far.example", ["more"]],
    ["back", "metro.example", ["fit"]],
    ["own", "access.example", ["fit", "other"]],
  ]);
  expect(asked(run)).toEqual({
    plan: null,
    other: null,
    carry: "core",
    more: "core",
    fit: "metro",
    back: "core",
    own: null,
  });
});

it("[XDA-80] a task of the console's own domain between them asks for nothing itself", () => {
  const run = runAcross([
    ["plan", "core.example", []],
    ["look", "console.local", ["plan"]],
    ["carry", "metro.example", ["look"]],
  ]);
  expect(asked(run)).toEqual({ plan: null, look: null, carry: "core" });
});
