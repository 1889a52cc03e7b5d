import { expect, type Page } from "@playwright/test";
import { goTo, loadFile, startUnderPolicy } from "./console.ts";
import { toolRun } from "./tool-run.ts";

const GOOD = ["read_state", "read_state", "write_state"] as const;
/** Nothing but writes: allowed one by one, and not what the agent is expected to do. */
const DRIFTED = ["write_state", "write_state", "write_state", "write_state", "write_state"] as const;

/** Loads a run from where one is shown already, and starts it. */
async function start(page: Page, run: ReturnType<typeof toolRun>, options: Parameters<typeof startUnderPolicy>[1]) {
  await loadFile(page, run);
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  await startUnderPolicy(page, options);
}

/** A profile of what the builder may be expected to do, on its form. */
export async function signProfile(page: Page): Promise<void> {
  await page.keyboard.press("2");
  await page.getByRole("button", { name: "New profile" }).click();
  await page.getByLabel("Profile", { exact: true }).fill("builder");
  const add = async (list: string, what: string) => {
    await page
      .getByRole("group", { name: list })
      .getByLabel(/^Another/)
      .fill(what);
    await page.getByRole("button", { name: `Add to: ${list}` }).click();
  };
  await add("Applies to", "spiffe://console.local/agent/builder");
  await add("Allowed", "*");
  await page.getByLabel("Tasks at least").fill("2");
  for (const [action, share] of [
    ["read_state", "0.7"],
    ["write_state", "0.3"],
  ] as const) {
    await page.getByLabel("Another action of the baseline").fill(action);
    await page.getByRole("button", { name: "Add to the baseline" }).click();
    await page.getByLabel(`Share of ${action}`).fill(share);
  }
  await page.getByRole("button", { name: "Replay this draft" }).click();
  await page.getByLabel("Why (recorded)").fill("as it was built");
  await page.getByRole("button", { name: "Sign and put in force" }).click();
  await expect(page.getByRole("article", { name: /^Draft/ })).toBeHidden();
}

/**
 * A builder that does what it is expected to, one that goes on for long under a lease, and one that drifts: until every view
 * says that the builder is nonconformant. Watch is open and empty.
 */
export async function drift(page: Page): Promise<void> {
  const each = (name: string, tools: readonly string[]) =>
    toolRun(
      name,
      "builder",
      tools.map((tool) => [tool, 1] as const),
    );
  await goTo(page, "Watch");
  await start(page, each("good", GOOD), { speed: 1000, irreversible: "" });
  await page.getByRole("button", { name: "Load a run" }).click();
  const long = toolRun("long", "builder", [
    ["read_state", 900],
    ["deploy", 900],
  ]);
  await start(page, long, { speed: 1, irreversible: "deploy" });
  await page.getByRole("button", { name: "Load a run" }).click();
  await start(page, each("bad", DRIFTED), { speed: 1000, irreversible: "" });
  await expect(page.getByRole("alert").filter({ hasText: "Agent builder is nonconformant" })).toBeVisible();
}
