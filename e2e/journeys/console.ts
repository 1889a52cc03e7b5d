import { expect, type Locator, type Page } from "@playwright/test";

/** What an operator does, in words of the screen: shared by the journeys. */

/** Opens the keys of every operator of the journeys; at a bare address there are no passkeys. */
export const PASSPHRASE = "a passphrase of the journeys";

export async function signIn(page: Page, name = "Ada Example"): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Sign in" });
  await dialog.getByLabel(/Your name/).fill(name);
  await dialog.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await dialog.getByLabel("The same again").fill(PASSPHRASE);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(dialog).toBeHidden();
}

/** Gives the passphrase that the console asks for. */
export async function unlock(page: Page): Promise<void> {
  const dialog = page.getByRole("dialog", { name: /^(Unlock|Authenticate again|Authenticate for this decision)$/ });
  await dialog.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await dialog.getByRole("button", { name: "Unlock", exact: true }).click();
  await expect(dialog).toBeHidden();
}

/** Opens the console in a profile of its own, signed in. */
export async function openConsole(page: Page, path = "/"): Promise<void> {
  await page.goto(path);
  await signIn(page);
}

export interface StartOptions {
  /** Times the recorded speed. */
  readonly speed?: number;
  /** Patterns of actions that need approval; the proposed ones unless told. */
  readonly irreversible?: string;
}

/** Signs the policy that is open and starts. */
export async function startUnderPolicy(page: Page, options: StartOptions = {}): Promise<void> {
  const policy = page.getByRole("dialog", { name: "Policy and start" });
  if (options.irreversible !== undefined)
    await policy.getByLabel("Actions that cannot be undone and need approval").fill(options.irreversible);
  if (options.speed !== undefined)
    await policy.getByLabel("Speed of the re-enactment").selectOption(String(options.speed));
  await policy.getByRole("button", { name: "Sign the policy and start" }).click();
  await expect(policy).toBeHidden();
}

/** Loads one of the runs that come with the console, up to its policy. */
export async function loadBundled(page: Page, title: string): Promise<void> {
  await page.getByRole("button", { name: `Load: ${title}` }).click();
  await page.getByRole("button", { name: "Go on to the policy" }).click();
}

const TYPED_NAME = /^Type the .* to approve: /;

/** What the open form asks to be typed before an approval of what cannot be undone. */
export async function nameToType(page: Page): Promise<string> {
  const label = (await page.getByText(TYPED_NAME).textContent()) ?? "";
  return label.slice(label.indexOf(": ") + 2);
}

/** Opens the next request that waits, and signs a decision about it. */
export async function decide(page: Page, outcome: "approve" | "reject", reason: string): Promise<void> {
  const request = page.getByRole("listbox", { name: "Requests" }).getByRole("option").first();
  await request.click({ timeout: 180_000 });
  const word = outcome === "approve" ? "Approve" : "Reject";
  await page.getByRole("button", { name: new RegExp(`^${word}`) }).click();
  await page.getByLabel(/^Reason/).fill(reason);
  // What cannot be undone is approved with the name of what it acts on, and its person authenticated for it.
  const name = page.getByLabel(TYPED_NAME);
  const lasting = outcome === "approve" && (await name.isVisible());
  if (lasting) await name.fill(await nameToType(page));
  await page.getByRole("button", { name: outcome === "approve" ? "Sign approval" : "Sign rejection" }).click();
  if (lasting) await unlock(page);
}

export async function loadFile(page: Page, file: string | { name: string; mimeType: string; buffer: Buffer }) {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose a file" }).click();
  await (await chooser).setFiles(file);
}

/** What Control lists as in force. */
export const signalsInForce = (page: Page): Locator =>
  page.getByRole("grid", { name: "Signals" }).getByRole("row").filter({ hasText: "in force" });

export const stopControl = (page: Page): Locator => page.locator('button[aria-keyshortcuts="Alt+Shift+X"]');

/** Presses and holds the stop control for as long as it asks. */
export async function holdStop(page: Page): Promise<void> {
  const box = await stopControl(page).boundingBox();
  if (box === null) throw new Error("the stop control is not on screen");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await expect(page.getByText(/commanded/i).first()).toBeVisible();
  await page.mouse.up();
}

/** How many entries the log has, as the timeline says it; the timeline is open. */
export async function entryCount(page: Page): Promise<number> {
  const first = page.getByRole("listbox", { name: "Log entries" }).getByRole("option").first();
  await expect(first).toHaveAttribute("aria-setsize", /^\d+$/);
  return Number(await first.getAttribute("aria-setsize"));
}

/** Starts the verification by its key, once the timeline is there to take it. */
export async function verifyLog(page: Page): Promise<void> {
  await expect(page.locator('button[aria-keyshortcuts="v"]')).toBeVisible();
  await page.keyboard.press("v");
}

export async function goTo(
  page: Page,
  pane:
    | "Watch"
    | "Approvals"
    | "Control"
    | "Policies"
    | "Timeline"
    | "Domains"
    | "Behaviour"
    | "Accounting"
    | "Inspector",
): Promise<void> {
  await page
    .getByRole("navigation")
    .getByRole("link", { name: new RegExp(`${pane}$`) })
    .click();
}

/**
 * Changes what IndexedDB holds behind the console's back: entries of the log, in the order of the log. Returns the number
 * of the first entry that is not where or what it was.
 */
export function tamper(page: Page, how: "alter" | "delete" | "insert" | "reorder" | "cut"): Promise<number> {
  return page.evaluate(async (kind) => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open("signalbox");
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const transaction = database.transaction("frames", "readwrite");
    const store = transaction.objectStore("frames");
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
    });
    type Entry = { seq: number; token: string };
    type Frame = { entries: Entry[] };
    const ask = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
    const keys = await ask(store.getAllKeys());
    const frames = (await ask(store.getAll())) as Frame[];
    const all = frames.flatMap((frame, at) => frame.entries.map((entry) => ({ entry, at })));
    const target = all[Math.floor(all.length / 2)];
    if (target === undefined) throw new Error("the log is empty");
    const frame = frames[target.at];
    if (frame === undefined) throw new Error("no frame");
    const { seq } = target.entry;
    const place = frame.entries.findIndex((entry) => entry.seq === seq);
    if (kind === "alter") {
      const middle = Math.floor(target.entry.token.length / 2);
      const other = target.entry.token[middle] === "A" ? "B" : "A";
      target.entry.token = `${target.entry.token.slice(0, middle)}${other}${target.entry.token.slice(middle + 1)}`;
    } else if (kind === "delete") frame.entries.splice(place, 1);
    else if (kind === "insert") frame.entries.splice(place, 0, { ...target.entry });
    else if (kind === "reorder") {
      const next = all.find(({ entry }) => entry.seq === seq + 1)?.entry;
      if (next === undefined) throw new Error("no next entry");
      [target.entry.token, next.token] = [next.token, target.entry.token];
    }
    if (kind === "cut") {
      const last = keys.at(-1);
      const cut = frames.at(-1)?.entries[0]?.seq;
      if (last === undefined || cut === undefined) throw new Error("no last frame");
      store.delete(last);
      await done;
      database.close();
      return cut;
    } else {
      const key = keys[target.at];
      for (const [at, whole] of frames.entries()) {
        const own = keys[at];
        if (own !== undefined && (own === key || kind === "reorder")) store.put(whole, own);
      }
    }
    await done;
    database.close();
    // An entry that stands twice is out of place the second time.
    return kind === "insert" ? seq + 1 : seq;
  }, how);
}
