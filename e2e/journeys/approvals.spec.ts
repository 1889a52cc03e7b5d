import { expect, type Page, test } from "@playwright/test";
import { goTo, loadFile, openConsole, startUnderPolicy } from "./console.ts";
import { Keys } from "./keys.ts";
import { claimsInLog } from "./log-tokens.ts";

interface Task {
  readonly name: string;
  readonly at: number;
  readonly args: readonly string[];
}

/** A recorded run of tasks that do not depend on each other. */
function runOf(title: string, recorded: readonly Task[]) {
  const tasks = recorded.map(({ name, at, args }) => ({ id: `${name}_${String(at).padStart(4, "0")}`, name, args }));
  return {
    name: title,
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
  return runOf("burst-20", [...copies, ...singles]);
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

/** Loads a run, puts everything in it behind an operator, and starts it. */
async function startGated(page: Page, run: ReturnType<typeof runOf>): Promise<void> {
  await openConsole(page);
  const buffer = Buffer.from(JSON.stringify(run));
  await loadFile(page, { name: `${run.name}.json`, mimeType: "application/json", buffer });
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  await gateEverything(page);
  await startUnderPolicy(page);
}

test("[A3] [A7] [ACP-36] [ACP-38] a request is put off, shelved and taken back, and less of it is approved and runs", async ({
  page,
}) => {
  const run = runOf("trim-two", [
    { name: "trim_files", at: 0, args: ["in/a.csv", "in/b.csv", "archive"] },
    { name: "tag_release", at: 1, args: ["v1"] },
  ]);
  await startGated(page, run);
  await goTo(page, "Approvals");
  const requests = page.getByRole("listbox", { name: "Requests" });
  const trim = requests.getByRole("option", { name: /trim_files/ });
  await expect(requests.getByRole("option")).toHaveCount(2);
  const request = page.getByRole("article", { name: "Request" });
  const open = async (): Promise<void> => {
    await trim.click();
    await expect(request.getByRole("heading", { level: 2 })).toHaveText("trim_files");
  };

  await open();
  await page.keyboard.press("d");
  await page.getByRole("dialog", { name: "Not now" }).getByRole("button", { name: "Put off" }).click();
  await expect(page.getByText("1 put off by you. Deadlines go on running.")).toBeVisible();
  await expect(trim).toBeHidden();
  await expect(request.getByRole("heading", { level: 2 })).toHaveText("tag_release");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await open();
  await expect(request).toContainText(/You put it off until/);
  await request.getByRole("button", { name: "Take it back now" }).click();
  await expect(page.getByText(/put off by you/)).toBeHidden();

  await page.keyboard.press("s");
  const shelve = page.getByRole("dialog", { name: "Shelve for everybody" });
  await shelve.getByLabel("Reason").fill("The vendor answers at noon.");
  await shelve.getByRole("button", { name: "Shelve", exact: true }).click();
  await expect(page.getByText("1 shelved. Deadlines go on running.")).toBeVisible();
  await expect(request.getByRole("heading", { level: 2 })).toHaveText("tag_release");
  await open();
  await expect(request).toContainText("The vendor answers at noon.");
  await request.getByRole("button", { name: "Take it off the shelf" }).click();
  await expect(page.getByText(/1 shelved/)).toBeHidden();

  await expect(request.getByRole("button", { name: "Approve", exact: true })).toBeEnabled();
  await page.keyboard.press("l");
  const field = request.getByLabel("Arguments to approve instead");
  const asked = await field.inputValue();
  await field.fill(asked.replace("in/b.csv", "in/c.csv"));
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await field.fill(asked.replace(/\s*"in\/b\.csv",/, ""));
  await expect(request.getByRole("region", { name: "What is approved instead" })).toContainText("not there");
  await expect(request.getByRole("button", { name: "Sign changed approval" })).toBeEnabled();
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText(/^Approved with changes: trim_files, recorded as entry/)).toBeVisible();

  await expect(request.getByRole("heading", { level: 2 })).toHaveText("tag_release");
  await expect(request.getByRole("button", { name: "Approve", exact: true })).toBeEnabled();
  await page.keyboard.press("a");
  await expect(page.getByText("nothing waits", { exact: true })).toBeVisible();
  await goTo(page, "Watch");
  await expect(page.getByText("Finished", { exact: true })).toBeVisible();
  await expect(
    page.getByRole("group", { name: "Tasks by state" }).getByRole("button", { name: "2 done" }),
  ).toBeVisible();

  const [decision] = await claimsInLog<{ outcome: string; modified: { args_hash: string } }>(page, "hitl-decision+jwt");
  expect(decision?.outcome).toBe("modify");
  type Ect = { exec_act: string; out_hash?: string; ect_ext?: Record<string, unknown> };
  const ects = await claimsInLog<Ect>(page, "exec+jwt");
  const of = (act: string) => ects.filter(({ exec_act }) => exec_act === act);
  expect(of("trim_files")).toHaveLength(1);
  expect(of("trim_files")[0]).not.toHaveProperty("out_hash");
  expect(of("trim_files")[0]?.ect_ext).toMatchObject({ "org.signalbox.args": decision?.modified.args_hash });
  expect(of("tag_release")[0]).toHaveProperty("out_hash");
});
