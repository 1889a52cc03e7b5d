import { expect, test } from "@playwright/test";
import { goTo, holdStop, openConsole } from "./console.ts";

test("[S7] [S12] [N25] [OVR-25] a drill is started, stopped as in earnest, and says VIOLATED and how it went", async ({
  page,
}) => {
  await openConsole(page);
  await goTo(page, "Control");
  await expect(page.getByText("Stop never proven: drill it")).toBeVisible();
  await page.getByRole("radio", { name: "Drills" }).click();
  const proven = page.getByRole("region", { name: "Proven on", exact: true });
  await expect(proven.getByRole("row", { name: /^Stop/ })).toContainText("never proven");

  await page.getByLabel("What goes wrong").selectOption({ label: "An agent lies" });
  await page.getByRole("button", { name: "Sign and start the drill" }).click();
  const running = page.getByRole("region", { name: "Running drill" });
  await expect(running).toContainText("Your part: stop all 4 agents");
  await expect(page.getByText(/Drill running: An agent lies/)).toBeVisible();

  // Where its agents are watched it is a drill as well.
  await running.getByRole("link", { name: "Watch its agents" }).click();
  await expect(page.getByText("DRILL", { exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "Open the drill" })).toBeVisible();
  await expect(page.getByRole("group", { name: "Tasks by state" }).getByText(/running/i)).toBeVisible();

  await holdStop(page);
  await goTo(page, "Control");
  await page.getByRole("radio", { name: "Drills" }).click();
  await expect(running.or(page.getByRole("region", { name: /^Drill: An agent lies/ }))).toContainText(
    /VIOLATED|Violated/,
  );
  const result = page.getByRole("region", { name: /^Drill: An agent lies, 4 agents/ });
  await expect(result).toContainText("passed", { timeout: 15_000 });
  await expect(result.getByText("3 of 4", { exact: false })).toBeVisible();
  await expect(result.getByRole("row", { name: /VIOLATED/ })).toBeVisible();
  await expect(page.getByText(/^Drill running/)).toBeHidden();
  await expect(proven.getByRole("row", { name: /^Stop/ })).toContainText("proven");
  await expect(page.getByRole("grid", { name: "Drills" }).getByRole("row").filter({ hasText: "passed" })).toHaveCount(
    1,
  );

  // The log keeps it.
  await page.reload();
  await expect(page.getByText(/^Stop proven/)).toBeVisible();
  await expect(result).toContainText("passed");
});
