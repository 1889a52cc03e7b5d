import { expect, type Page, test } from "@playwright/test";
import { goTo, loadFile, openConsole, startUnderPolicy } from "./console.ts";

/** Twenty tasks that all ask first: fourteen copies that look alike, and six of one kind each. */
function burst() {
  const copies = Array.from({ length: 14 }, (_, at) => ({
    name: "copy_object",
    at,
    args: [`in/part-${at}.csv`, "archive"],
  }));
  const singles = ["tag_release", "rotate_log", "resize_pool", "warm_cache", "send_digest", "rename_branch"].map(
    (name, at) => ({ name, at: 20 + at, args: [`only-${at}`] }),
  );
  const tasks = [...copies, ...singles].map(({ name, at, args }) => ({
    id: `${name}_${String(at).padStart(4, "0")}`,
    name,
    args,
  }));
  return {
    name: "burst-20",
    schemaVersion: "1.5",
    workflow: {
      specification: {
        tasks: tasks.map(({ id }) => ({ id, name: id, parents: [], children: [] })),
      },
      execution: {
        makespanInSeconds: 1,
        tasks: tasks.map(({ id, name, args }) => ({
          id,
          runtimeInSeconds: 1,
          command: { program: name, arguments: args },
        })),
      },
    },
  };
}

/** Everything is reversible and waits for an operator, without a reason. */
async function gateEverything(page: Page): Promise<void> {
  const policy = page.getByRole("dialog", { name: "Policy and start" });
  await policy.getByRole("tab", { name: "JSON" }).click();
  const field = policy.getByLabel("Claims of the acp+jwt");
  const claims = JSON.parse(await field.inputValue());
  for (const node of claims.dag.nodes) node.consequence = "reversible";
  claims.hitl.rules = [
    {
      id: "ask-first",
      trigger: { kind: "always" },
      role: "operator",
      action: "approve",
      timeout_s: 900,
      reason_required: false,
    },
  ];
  await field.fill(JSON.stringify(claims, null, 2));
}

/** Presses keys and counts them; a chord is as many keys as it has. */
class Keys {
  count = 0;
  readonly #page: Page;
  constructor(page: Page) {
    this.#page = page;
  }
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.count += key.split("+").length;
      await this.#page.keyboard.press(key);
    }
  }
  /** Free text is not counted (journeys.md). */
  async write(text: string): Promise<void> {
    await this.#page.keyboard.type(text);
  }
}

test("[J1] a burst of 20 requests is cleared with at most 26 keys and no mouse", async ({ page }) => {
  await openConsole(page);
  await loadFile(page, {
    name: "burst-20.json",
    mimeType: "application/json",
    buffer: Buffer.from(JSON.stringify(burst())),
  });
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  await gateEverything(page);
  await startUnderPolicy(page);
  await expect(
    page.getByRole("group", { name: "Tasks by state" }).getByRole("button", { name: "20 waiting" }),
  ).toBeVisible();
  await page.mouse.move(0, 0);

  const keys = new Keys(page);
  await keys.press("g", "a");
  const requests = page.getByRole("listbox", { name: "Requests" });
  await expect(requests.getByRole("option").first()).toHaveAttribute("aria-setsize", "20");
  const request = page.getByRole("article", { name: "Request" });
  const approve = request.getByRole("button", { name: "Approve", exact: true });
  const together = page.getByRole("button", { name: "Decide 14 together" });
  let [left, batched, rejected] = [20, false, false];
  while (left > 0) {
    await expect(approve).toBeEnabled();
    if (!batched && (await together.isVisible())) {
      await keys.press("b");
      const alike = page.getByRole("article", { name: "Look-alikes" });
      await expect(alike.getByRole("table", { name: "Differences" }).getByRole("row")).toHaveCount(15);
      for (const at of [1, 2, 3]) {
        await expect(alike.getByRole("button", { name: /the sample/ })).toBeEnabled();
        await keys.press("n");
        await expect(alike.getByRole("heading", { name: `Sample ${at} of 3` })).toBeVisible();
      }
      await expect(alike.getByRole("button", { name: "Approve 14" })).toBeEnabled();
      await keys.press("a");
      await expect(page.getByText(/14 approvals of/)).toContainText("not sent yet");
      batched = true;
      left -= 14;
      continue;
    }
    const heading = (await request.getByRole("heading", { level: 2 }).textContent()) ?? "";
    if (!rejected) {
      await keys.press("r");
      await expect(request.getByLabel(/^Reason/)).toBeFocused();
      await keys.write("Not tonight.");
      await expect(request.getByRole("button", { name: "Sign rejection" })).toBeEnabled();
      await keys.press("Control+Enter");
      rejected = true;
    } else await keys.press("a");
    left -= 1;
    if (left > (batched ? 0 : 14)) await expect(request.getByRole("heading", { level: 2 })).not.toHaveText(heading);
  }
  await expect(page.getByText("nothing waits", { exact: true })).toBeVisible();
  await expect(page.getByText("14 approvals: 14 recorded")).toBeVisible();
  test.info().annotations.push({ type: "keys", description: String(keys.count) });
  process.stdout.write(`J1: 20 requests decided with ${keys.count} keys and no mouse\n`);
  expect(keys.count).toBeLessThanOrEqual(26);
  await goTo(page, "Watch");
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
  await expect(page.getByRole("group", { name: "Tasks by state" }).getByText(/refused/i)).toBeVisible();
});
