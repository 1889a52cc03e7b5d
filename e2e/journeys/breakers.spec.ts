import { expect, type Page, test } from "@playwright/test";
import { loadFile, openConsole } from "./console.ts";

const USES = 14;

/** One program hands its result to another, which takes it up in one task after another, a second each. */
function handover() {
  const uses = Array.from({ length: USES }, (_, at) => ({
    name: `use_${at}`,
    id: `use-${at}`,
    parents: at === 0 ? ["build"] : ["build", `use-${at - 1}`],
  }));
  const tasks = [{ name: "build_1", id: "build", parents: [] as string[] }, ...uses];
  const document = {
    name: "Hand-over",
    schemaVersion: "1.5",
    workflow: {
      specification: { tasks },
      execution: { makespanInSeconds: USES + 1, tasks: tasks.map(({ id }) => ({ id, runtimeInSeconds: 1 })) },
    },
  };
  return { name: "hand-over.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(document)) };
}

/** Starts with a failure domain for each agent, and nothing that waits for a person. */
async function start(page: Page): Promise<void> {
  await loadFile(page, handover());
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  const policy = page.getByRole("dialog", { name: "Policy and start" });
  await policy.getByLabel("Actions that cannot be undone and need approval").fill("");
  await policy.getByLabel("Failure domains").selectOption("agents");
  await policy.getByLabel("Speed of the re-enactment").selectOption("1");
  await policy.getByRole("button", { name: "Sign the policy and start" }).click();
  await expect(policy).toBeHidden();
}

test("[J6] [CAS-5] [CAS-19] [CAS-28] [CAS-S2] an edge is tripped, its mark on the graph released to half open, and it closes as the work goes on", async ({
  page,
}) => {
  await openConsole(page);
  await start(page);
  const boxes = page.getByRole("button", { name: /^Failure domain agent-\d: normal$/ });
  await expect(boxes).toHaveCount(2);

  await page.getByRole("application").focus();
  await page.keyboard.press("b");
  await page
    .getByRole("grid", { name: "Breakers" })
    .getByRole("button", { name: /^Trip: build.* to use/ })
    .click();
  const trip = page.getByRole("dialog", { name: "Trip a breaker" });
  await expect(trip).toContainText(/Would hold\d+ tasks? at the edge/);
  await trip.getByLabel("Why is it tripped? (recorded)").fill("its results look wrong");
  await page.keyboard.press("Enter");
  await expect(trip).toBeHidden();

  // The list is open again, as it was left.
  await page.keyboard.press("Escape");
  const note = page.getByRole("status").filter({ hasText: "task waits for a breaker" });
  await expect(note).toContainText("Breaker: 1 forced open");
  await expect(page.getByRole("button", { name: /^Failure domain agent-\d: degraded$/ })).toHaveCount(2);

  const mark = (state: string) => page.getByRole("button", { name: new RegExp(`^Breaker from .*: ${state}$`) }).first();
  await mark("forced open").click();
  const release = page.getByRole("dialog", { name: "Release a breaker" });
  await release.getByLabel("Why is it released? (recorded)").fill("it was repaired");
  await page.keyboard.press("Enter");
  await expect(release).toBeHidden();
  await expect(mark("half open")).toBeVisible();

  // Three tries pass at the recorded speed, and it closes; the rest goes fast.
  await expect(boxes).toHaveCount(2);
  await expect(page.getByText(/^Breaker: /)).toHaveCount(0);
  for (let times = 0; times < 8; times += 1) await page.keyboard.press("]");
  await expect(page.getByRole("group", { name: "Tasks by state" })).toContainText(`${USES + 1}`);

  const wid = new URL(page.url()).searchParams.get("wid") ?? "";
  await page.goto(`/timeline?wid=${wid}&action=circuit`);
  const stated = page.getByRole("listbox", { name: "Log entries" }).getByRole("option");
  await expect(stated).toHaveCount(3);
  for (const [at, state] of ["closed", "half_open", "forced_open"].entries())
    await expect(stated.nth(at)).toContainText(state);
});
