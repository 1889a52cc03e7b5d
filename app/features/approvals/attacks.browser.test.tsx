import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { page } from "vitest/browser";
import { AGENT, REQUEST_A } from "./approvals.fixture.ts";
import { shownArguments } from "./arguments-text.ts";
import { ATTACKS, type Attack, type AttackPlace } from "./attacks.fixture.ts";
import { hostWith, openPane } from "./pane.fixture.tsx";
import { addStyles } from "./styles.fixture.ts";

/** The room a pane has in the console's frame: below its top bar, above its status bar. */
const FRAME = `body{margin:0} body>div{position:fixed;inset:48px 0 44px 0;display:flex;flex-direction:column}
  @media (width < 48rem){body>div{inset:44px 0 106px 0}}`;
const SIZES = [
  [1440, 900],
  [390, 844],
] as const satisfies readonly (readonly [number, number])[];

let style: HTMLStyleElement;
beforeAll(async () => {
  style = await addStyles(FRAME);
});
afterAll(() => style.remove());
afterEach(cleanup);

type Change = Parameters<typeof hostWith>[0][number];

function requestOf({ where, text, args }: Attack): Change {
  const given = args === undefined ? {} : { args };
  switch (where) {
    case "action name":
      return { ...given, row: { action: text } };
    case "agent name":
      return { ...given, row: { agent: `${AGENT}/${text}` } };
    case "argument name":
      return { args: args ?? { [text]: "a value", service: "billing" } };
    case "argument value":
      return { args: args ?? { value: text, zz_last: "still here" } };
    case "target":
      return { ...given, row: { target: text } };
    case "narrative":
      return { ...given, narrative: text };
    case "task name":
      return { ...given, row: { taskName: text } };
  }
}

/** What a place of the page really holds, every mark taken back to what it stands for. */
function textBehind(root: Node): string {
  if (root instanceof Text) return root.data;
  if (root instanceof HTMLElement) {
    const { text } = root.dataset;
    if (text !== undefined) return text;
  }
  return [...root.childNodes].map(textBehind).join("");
}

/** What can be read: text in elements that are drawn. */
function textInSight(root: Node): string {
  if (root instanceof Text) {
    const drawn = root.parentElement?.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    return drawn === true ? root.data : "";
  }
  return [...root.childNodes].map(textInSight).join("");
}

const inView = (element: Element): boolean => {
  const { top, bottom, left, right, width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0 && top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
};

/** The element a press at the middle of `element` would reach. */
const pressed = (element: Element): Element | null => {
  const { left, top, width, height } = element.getBoundingClientRect();
  return document.elementFromPoint(left + width / 2, top + height / 2)?.closest("button") ?? null;
};

const OURS =
  /^(Approve|Reject|More …|Handle …|Back|Exact|Indented|Show everything|Too long|… [\d,]+ more|agent id |arguments digest |evidence id )/;
const FOREIGN =
  "img, style, script, iframe, frame, object, embed, form, input, textarea, select, video, audio, link, meta, base, template, [onclick], [onerror], [onload], [autofocus], [contenteditable], [srcdoc]";

/** Nothing but the console's own links and buttons, whatever the agent wrote. */
function expectNothingForeign(root: Element): void {
  expect(root.querySelectorAll(FOREIGN)).toHaveLength(0);
  for (const link of root.querySelectorAll("a"))
    expect(link.getAttribute("href")).toMatch(/^\/(timeline|watch|approvals)\b/);
  for (const button of root.querySelectorAll("button, [role=button]"))
    expect(button.getAttribute("aria-label") ?? button.textContent ?? "").toMatch(OURS);
  expect("forged" in window).toBe(false);
}

function expectInView(request: HTMLElement): void {
  for (const name of [/^Approve/, /^Reject/]) {
    const button = within(request).getByRole("button", { name });
    expect([name.source, inView(button)]).toEqual([name.source, true]);
    expect(pressed(button)).toBe(button);
  }
  const heading = within(request).getByRole("heading", { level: 2 });
  const at = heading.getBoundingClientRect();
  expect(heading.contains(document.elementFromPoint(at.left + 4, at.top + 8))).toBe(true);
  const command = request.querySelector("pre");
  const box = command?.getBoundingClientRect();
  if (command === null || box === undefined) throw new Error("the arguments are drawn");
  expect(command.contains(document.elementFromPoint(box.left + 12, box.top + 14))).toBe(true);
  expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(innerWidth);
  expect(request.scrollWidth).toBeLessThanOrEqual(request.clientWidth);
}

/** Places whose text stands in the sentence above the signature. */
const IN_THE_SENTENCE: ReadonlySet<AttackPlace> = new Set(["action name", "agent name", "target"]);

/** The second step, on the small screen: its signature is in view and nothing lies over it, and back again. */
async function expectFormInView(request: HTMLElement): Promise<void> {
  const approve = within(request).getByRole("button", { name: /^Approve/ });
  await waitFor(() => expect(approve).toBeEnabled());
  approve.click();
  const sign = await within(request).findByRole("button", { name: /^Sign approval/ });
  expect(inView(sign)).toBe(true);
  expect(pressed(sign)).toBe(sign);
  within(request).getByRole("button", { name: "Back" }).click();
  await waitFor(() => expect(sign).not.toBeInTheDocument());
}

describe("forged dialogs", { timeout: 90_000 }, () => {
  it("are a corpus of at least 60, each with a name of its own", () => {
    expect(ATTACKS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(ATTACKS.map(({ name }) => name)).size).toBe(ATTACKS.length);
    expect(new Set(ATTACKS.map(({ where }) => where)).size).toBe(7);
  });

  it.each(ATTACKS.map((attack) => [attack.name, attack.where, attack] as const))(
    "[F4] [ACP-S5] %s (in the %s) is harmless",
    async (_name, _where, attack) => {
      await page.viewport(...SIZES[0]);
      const host = await hostWith([requestOf(attack)]);
      const { container } = await openPane(host.client, { search: { request: REQUEST_A } });
      const request = await screen.findByRole("article", { name: "Request" });
      await waitFor(() => expect(request).not.toHaveTextContent(/recomputing/i));
      const canonical = host.held[0]?.detail.canonicalArgs ?? "";
      const command = within(request).getByRole("region", { name: "Arguments" }).querySelector("pre");
      if (command === null) throw new Error("the arguments are drawn");
      const first = shownArguments(canonical, { form: "indented", whole: false });
      expect(textBehind(command)).toBe(first.pieces.map((piece) => piece.text).join(""));
      for (const [width, height] of SIZES) {
        await page.viewport(width, height);
        await waitFor(() => expect(innerWidth).toBe(width));
        expectInView(request);
        expectNothingForeign(request);
        for (const queue of container.querySelectorAll('[role="listbox"]')) expectNothingForeign(queue);
        const seen = textInSight(request).replace(/\u00a0/g, (space) => (attack.hides.includes(space) ? space : " "));
        for (const text of attack.shows) expect(seen.replace(/\s+/g, " ")).toContain(text.replace(/\s+/g, " "));
        for (const raw of attack.hides) expect(seen).not.toContain(raw);
        const flags = request.querySelector("[data-flags]")?.textContent ?? null;
        if (attack.flag === null) expect(flags).toBeNull();
        else expect(flags).toContain(attack.flag);
      }
      if (IN_THE_SENTENCE.has(attack.where)) await expectFormInView(request);
      await page.viewport(...SIZES[0]);
      within(request).getByRole("radio", { name: "Exact text" }).click();
      await waitFor(() => expect(textBehind(command).startsWith(canonical.slice(0, 2))).toBe(true));
      const more = within(request).queryByRole("button", { name: /^Show everything/ });
      if (canonical.length <= 250_000) {
        more?.click();
        await waitFor(() => expect(textBehind(command)).toBe(canonical));
        expectInView(request);
      } else expect(more).toBeVisible();
    },
  );
});
