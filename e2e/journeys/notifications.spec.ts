import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { seriousViolations } from "./accessibility.ts";
import { decide, goTo, loadFile, openConsole, startUnderPolicy, unlock } from "./console.ts";

interface Seen {
  readonly tag: string;
  readonly title: string;
  readonly body: string;
  readonly silent: boolean | null;
}

declare global {
  interface Window {
    /** Every notification this page has made, and those that are open. */
    seen: { readonly made: Seen[]; readonly open: Map<string, Notification> };
  }
}

/** The browser's own notifications, with a record of what was made and what is open. */
async function recordNotices(context: BrowserContext): Promise<void> {
  await context.grantPermissions(["notifications"]);
  await context.addInitScript(() => {
    const made: Seen[] = [];
    const open = new Map<string, Notification>();
    window.seen = { made, open };
    window.Notification = class extends Notification {
      constructor(title: string, options: NotificationOptions = {}) {
        super(title, options);
        const { tag, body, silent } = this;
        made.push({ tag, title, body, silent });
        open.set(tag, this);
      }
      override close(): void {
        super.close();
        if (open.get(this.tag) === this) open.delete(this.tag);
      }
    };
  });
}

const made = (page: Page): Promise<Seen[]> => page.evaluate(() => window.seen.made);
const open = (page: Page): Promise<string[]> => page.evaluate(() => [...window.seen.open.keys()]);

/** A run of so many tasks that all ask first: one after the other, or all at once. */
async function start(page: Page, count: number, order: "chain" | "burst"): Promise<void> {
  const ids = Array.from({ length: count }, (_, at) => `send_${String(at).padStart(4, "0")}`);
  const near = (at: number): string[] => (order === "chain" && ids[at] !== undefined ? [ids[at]] : []);
  const run = {
    name: `${order}-${count}`,
    schemaVersion: "1.5",
    workflow: {
      specification: {
        tasks: ids.map((id, at) => ({ id, name: id, parents: near(at - 1), children: near(at + 1) })),
      },
      execution: {
        makespanInSeconds: count,
        tasks: ids.map((id) => ({ id, runtimeInSeconds: 1, command: { program: "send", arguments: [id] } })),
      },
    },
  };
  await loadFile(page, {
    name: `${run.name}.json`,
    mimeType: "application/json",
    buffer: Buffer.from(JSON.stringify(run)),
  });
  await page.getByRole("button", { name: "Go on to the policy" }).click();
  await startUnderPolicy(page, { speed: 1000, irreversible: "*" });
}

/** By the bell's key; nothing was asked or shown before. */
async function turnOn(page: Page): Promise<void> {
  await page.keyboard.press("w");
  const menu = page.getByRole("dialog", { name: "What waits" });
  await expect(menu.getByText("Nothing waits for a human.")).toBeVisible();
  const choice = menu.getByRole("checkbox", { name: "Show notifications" });
  await expect(choice).not.toBeChecked();
  await choice.check();
  await page.keyboard.press("Escape");
  await expect(menu).toBeHidden();
}

test("[J2] [A8] two tabs on other panes make one silent notification of a request, which leads to it and goes when it is decided", async ({
  page,
  context,
}) => {
  await recordNotices(context);
  await openConsole(page);
  await turnOn(page);
  const second = await context.newPage();
  await second.goto("/timeline");
  await expect(second.getByText("follower").first()).toBeVisible();

  await start(page, 2, "chain");
  await expect(page).toHaveTitle("(1) Watch · Signalbox");
  await expect(second).toHaveTitle("(1) Timeline · Signalbox");
  await expect.poll(async () => [...(await made(page)), ...(await made(second))].length).toBe(1);
  const [notice] = [...(await made(page)), ...(await made(second))];
  expect(notice).toMatchObject({ title: "An irreversible action waits for a decision", silent: true });
  expect(notice?.body).toMatch(/^Action: send\nAnswer by .+, else denied\.$/);

  const notifying = (await made(page)).length === 1 ? page : second;
  await notifying.evaluate((tag) => window.seen.open.get(tag)?.dispatchEvent(new Event("click")), notice?.tag ?? "");
  await expect(notifying).toHaveURL(new RegExp(`/approvals\\?request=${notice?.tag}$`));
  await expect(notifying.getByRole("article", { name: "Request" })).toBeVisible();
  expect(await open(notifying)).toEqual([]);

  // The second request comes while somebody looks at the queue: it is not news.
  await decide(notifying, "approve", "As agreed with the owner.");
  await expect(notifying.getByRole("listbox", { name: "Requests" }).getByRole("option")).toContainText("send_0001");
  await decide(notifying, "reject", "Not tonight.");
  await expect(notifying.getByText("nothing waits", { exact: true })).toBeVisible();
  await goTo(notifying, "Watch");
  await expect(notifying).toHaveTitle("Watch · Signalbox");
  expect([...(await made(page)), ...(await made(second))]).toHaveLength(1);
});

test("[A4] [A6] a flood is one notification, which says only how many while the key is locked", async ({
  page,
  context,
}) => {
  await recordNotices(context);
  await openConsole(page);
  await turnOn(page);
  await start(page, 12, "burst");
  await expect(page).toHaveTitle("(12) Watch · Signalbox");
  await expect.poll(() => open(page)).toEqual(["signalbox-requests"]);
  const last = async (): Promise<Seen | undefined> => (await made(page)).at(-1);
  await expect.poll(async () => (await last())?.title).toBe("12 requests wait, 12 irreversible");
  expect((await made(page)).length).toBeLessThanOrEqual(4);

  await page.getByRole("button", { name: /operator and appearance$/ }).click();
  await page.getByRole("dialog", { name: "Operator" }).getByRole("button", { name: "Lock now" }).click();
  await expect.poll(last).toMatchObject({ title: "12 requests wait", body: "Open the console to see them." });
  await page.getByRole("button", { name: "Unlock …" }).click();
  await unlock(page);
  await expect.poll(async () => (await last())?.title).toBe("12 requests wait, 12 irreversible");

  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await expect(page).toHaveURL(/\/approvals(\?|$)/);
  await expect.poll(() => open(page)).toEqual([]);
});

for (const viewport of [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
]) {
  test.describe(`${viewport.width} px`, () => {
    test.use({ viewport });

    test("the bell's menu has no serious accessibility problem, fits, and is used by keys alone", async ({
      page,
      context,
    }) => {
      await context.grantPermissions(["notifications"]);
      await openConsole(page);
      await start(page, 8, "burst");
      await expect(page).toHaveTitle(/^\(8\)/);
      await page.keyboard.press("w");
      const menu = page.getByRole("dialog", { name: "What waits" });
      await expect(menu.getByRole("listitem").first()).toBeVisible();
      await expect(menu.getByText("2 more wait there")).toBeVisible();
      expect(await seriousViolations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
      const mute = menu.getByRole("button", { name: "Mute for 15 min" });
      for (let tabs = 0; tabs < 30 && !(await mute.evaluate((button) => button === document.activeElement)); tabs += 1)
        await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await expect(menu.getByText(/^Muted, .+ left\.$/)).toBeVisible();
      await page.keyboard.press("Escape");
      await expect(menu).toBeHidden();
      await expect(page.getByRole("button", { name: "8 waiting, notifications muted" })).toBeVisible();
      await page.keyboard.press("Shift+?");
      await expect(page.getByRole("dialog", { name: "Keys" })).toContainText("what waits, and notifications");
    });
  });
}
