import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import {
  AGENT,
  ALICE,
  DIGEST,
  entryRow,
  FakeHost,
  intent,
  jti,
  NOW_S,
  PEP,
  POLICY,
  show,
  url,
  WID,
} from "./pane.fixture.tsx";
import { addStyles } from "./styles.fixture.ts";

let style: HTMLStyleElement;
beforeAll(async () => {
  style = await addStyles();
});
afterAll(() => style.remove());
beforeEach(() => page.viewport(1280, 900));
afterEach(cleanup);

const field = () => screen.getByRole("textbox", { name: "Token" });
const fill = (text: string): void => void fireEvent.change(field(), { target: { value: text } });
const outcome = async (words: RegExp) => {
  const article = await screen.findByRole("article", { name: "Inspected token" });
  await within(article).findByText(words);
  return article;
};
const steps = () => within(screen.getByRole("list", { name: "CTV steps" })).getAllByRole("listitem");
const resultsOf = (): string[] =>
  steps().map((step) => /passed|failed|not reached/.exec(step.textContent)?.[0] ?? step.textContent);
const expected = (failsAt: number): string[] =>
  Array.from({ length: 13 }, (_, at) => (at + 1 < failsAt ? "passed" : at + 1 === failsAt ? "failed" : "not reached"));
const section = (name: string | RegExp) => within(screen.getByRole("region", { name }));

describe("inspector pane", { timeout: 60_000 }, () => {
  it("[INV-4] [COM-1] shows a pasted token with every step, every claim in words, and keeps it out of the URL", async () => {
    const host = await FakeHost.open();
    show(host);
    expect(screen.getByText("No token to look at")).toBeVisible();
    const token = await host.sign("intent+jwt", intent());
    fill(`  ${token}\n`);
    const article = await outcome(/^Verified: all 13 steps passed$/);
    expect(host.asked).toEqual([{ token }]);
    expect(resultsOf()).toEqual(Array(13).fill("passed"));
    expect(within(article).getByText("Intent")).toBeVisible();
    expect(within(article).getByText(/not in this log/, { selector: "dd" })).toBeVisible();
    const claims = section("Claims");
    expect(claims.getByText("exec_act")).toBeVisible();
    expect(claims.getByText("the action it wants to perform")).toBeVisible();
    expect(section("Header").getByText(/names the key that signed it/)).toBeVisible();
    expect(section("Times").getByText(/^1\d s before that$/)).toBeVisible();
    expect(JSON.stringify(url.now)).not.toContain(token.slice(0, 20));
    expect(location.href).not.toContain(token.slice(0, 20));
    expect([...Object.values(localStorage), ...Object.values(sessionStorage)].join()).not.toContain(token.slice(0, 20));
  });

  it("says of what is ours that it is no text of the IETF, and marks each meaning", async () => {
    const host = await FakeHost.open();
    show(host);
    fill(await host.sign("intent+jwt", intent(10, { strange: 1 })));
    await outcome(/^Verified/);
    const legend = section("Claims").getByRole("list", { name: "What the marks mean" });
    expect(within(legend).getByText(/made by this project; no text of the IETF or of a draft/)).toBeVisible();
    expect(within(legend).getByText(/stated in RFC 7519/)).toBeVisible();
    expect(section("Claims").getByText("not known here; ignored")).toBeVisible();
  });

  it("[ECT-S1] names step 8 for a tampered signature, and shows nothing after it as passed", async () => {
    const host = await FakeHost.open();
    show(host);
    const token = await host.sign("intent+jwt", intent());
    fill(`${token.slice(0, -8)}AAAAAAAA`);
    const article = await outcome(/^Refused at CTV step 8: signature$/);
    expect(within(article).getAllByText("token_signature_invalid")[0]).toBeVisible();
    expect(resultsOf()).toEqual(expected(8));
    // What it says is shown, under an outcome that says it is not to be believed.
    expect(section("Claims").getByText("exec_act")).toBeVisible();
  });

  it("[COM-1] names step 6 for an unknown key", async () => {
    const host = await FakeHost.open();
    show(host);
    const { signer } = await generateSigner();
    fill(await signToken("intent+jwt", intent(), signer));
    const article = await outcome(/^Refused at CTV step 6: /);
    expect(resultsOf()).toEqual(expected(6));
    expect(within(article).getByText(/is not enrolled here/)).toBeVisible();
  });

  it("[COM-2] verifies an expired token as of its time, and says as of when", async () => {
    const host = await FakeHost.open();
    show(host);
    const token = await host.sign("intent+jwt", intent(5000));
    fill(token);
    await outcome(/^Refused at CTV step 12: times$/);
    expect(resultsOf()).toEqual(expected(12));
    await user.click(screen.getByRole("radio", { name: "when it was made" }));
    await outcome(/^Verified: all 13 steps passed$/);
    expect(url.now.at).toBe(NOW_S - 5000);
    await user.click(screen.getByRole("radio", { name: "another time" }));
    await user.fill(screen.getByRole("textbox", { name: "Time" }), "yesterday");
    await user.click(screen.getByRole("button", { name: "Verify as of this time" }));
    expect(screen.getByText(/A time like 2026-11-22 14:03/)).toBeVisible();
    await user.fill(screen.getByRole("textbox", { name: "Time" }), new Date((NOW_S - 4000) * 1000).toISOString());
    await user.click(screen.getByRole("button", { name: "Verify as of this time" }));
    await waitFor(() => expect(url.now.at).toBe(NOW_S - 4000));
    await outcome(/^Refused at CTV step 12/);
    await user.click(screen.getByRole("radio", { name: "now" }));
    await waitFor(() => expect(url.now.at).toBeUndefined());
  });

  it("[COM-2] takes one from the log by its entry, as of its receipt, and by its id", async () => {
    const host = await FakeHost.open();
    const token = await host.sign("intent+jwt", intent(1000));
    host.entries.set(7, { token, row: entryRow(7, { jti: jti(1) }) });
    show(host, { entry: 7 });
    const article = await outcome(/^Verified: all 13 steps passed$/);
    expect(within(article).getByText(/^as of its receipt, /)).toBeVisible();
    expect(within(article).getByRole("link", { name: "entry 7" })).toHaveAttribute("href", "/timeline?entry=7");
    expect(field()).toHaveValue(token);
    await user.click(screen.getByRole("radio", { name: "now" }));
    await outcome(/^Refused at CTV step 12/);
    expect(url.now.at).toBe("now");
    await user.fill(screen.getByRole("textbox", { name: "Entry number or token id" }), jti(1));
    await user.keyboard("{Enter}");
    await waitFor(() => expect(url.now).toMatchObject({ jti: jti(1) }));
    expect(url.now.entry).toBeUndefined();
    await outcome(/^Verified/);
  });

  it("says what is wrong with a name that is none, and that the log has no such entry, and tries again", async () => {
    const host = await FakeHost.open();
    show(host);
    await user.fill(screen.getByRole("textbox", { name: "Entry number or token id" }), "latest");
    await user.click(screen.getByRole("button", { name: "Take it from the log" }));
    expect(screen.getByText("An entry number or a token id is needed.")).toBeVisible();
    await user.fill(screen.getByRole("textbox", { name: "Entry number or token id" }), "12");
    await user.click(screen.getByRole("button", { name: "Take it from the log" }));
    const alert = await screen.findByRole("alert");
    expect(within(alert).getByText("the log has no entry 12")).toBeVisible();
    host.entries.set(12, { token: await host.sign("intent+jwt", intent(1000)), row: entryRow(12) });
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    await outcome(/^Verified/);
  });

  it.each([
    ["hello, world", 2, "token_malformed"],
    ["<img src=x onerror=alert(1)>", 2, "token_malformed"],
    ["a".repeat(20_000), 1, "token_too_large"],
  ])("[COM-1] a non-token is told as such (case %#)", async (text, step, code) => {
    const host = await FakeHost.open();
    show(host);
    fill(text);
    const article = await outcome(new RegExp(`^Refused at CTV step ${step}: `));
    expect(within(article).getAllByText(code)[0]).toBeVisible();
    expect(within(article).getByText("no token that can be read")).toBeVisible();
    expect(resultsOf()).toEqual(expected(step));
    expect(section("Claims").getByText("Nothing could be read.")).toBeVisible();
  });

  it("keeps nothing of a text that is far too long, and asks nobody about it", async () => {
    const host = await FakeHost.open();
    show(host);
    fill("a".repeat(200_000));
    expect(await screen.findByText(/200,000 characters are no token/)).toBeVisible();
    expect(field()).toHaveValue("");
    expect(host.asked).toEqual([]);
  });

  it("[F4] shows a hostile token bounded and harmless: markup, bidi, look-alikes, many and deep members", async () => {
    const host = await FakeHost.open();
    show(host);
    const deep = JSON.parse(`${'{"d":'.repeat(40)}1${"}".repeat(40)}`) as unknown;
    const many = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`m${at}`, at]));
    const hostile = {
      exec_act: '<button onclick="alert(1)">Approve</button>',
      "\u202ename": "p\u0430ypal",
      note: "x".repeat(5_000),
      deep,
      ...many,
    };
    fill(await host.sign("intent+jwt", intent(10, hostile)));
    const article = await outcome(/^Refused|^Verified/);
    expect(within(article).queryByRole("button", { name: "Approve" })).not.toBeInTheDocument();
    expect(within(article).getByText(/<button onclick/)).toBeVisible();
    expect(within(article).getAllByText("‹U+202E›")[0]).toBeVisible();
    expect(within(article).getAllByText("‹Cyrillic›")[0]).toBeVisible();
    expect(article.textContent).not.toContain("\u202e");
    expect(section("Claims").getByText(/and \d+ more members:/)).toBeVisible();
    expect(section("Claims").getAllByRole("button", { name: /more characters/ })[0]).toBeVisible();
    expect(section("Claims").getAllByRole("term").length).toBeLessThanOrEqual(120);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(1280);
  });

  it("draws what it names and what names it, with links to those entries", async () => {
    const host = await FakeHost.open();
    host.answer = {
      names: [
        { rel: "policy", jti: POLICY, entry: entryRow(3, { typ: "acp+jwt", action: "issue_policy" }) },
        { rel: "predecessor", jti: jti(3), entry: null },
      ],
      namedBy: [{ rel: "cause", entry: entryRow(9, { typ: "record+jwt", action: "permitted" }) }],
      isNamedByAll: false,
    };
    show(host);
    fill(await host.sign("intent+jwt", intent()));
    await outcome(/^Verified/);
    const names = within(screen.getByRole("list", { name: "Tokens it names" }));
    expect(names.getByText("Agent context policy")).toBeVisible();
    expect(names.getByRole("link", { name: "inspect entry 3" })).toHaveAttribute("href", "/inspector?entry=3");
    expect(names.getByText("not in this log")).toBeVisible();
    const namedBy = within(screen.getByRole("list", { name: "Entries that name it" }));
    expect(namedBy.getByText("names it as cause")).toBeVisible();
    expect(section("Lineage").getByText(/not all of the log was looked at/)).toBeVisible();
  });

  it("draws the delegation of a policy", async () => {
    const host = await FakeHost.open(ALICE);
    show(host);
    const node = (id: string, agent: string, more: object = {}) => ({ id, agent, actions: ["build_*"], ...more });
    fill(
      await host.sign("acp+jwt", {
        iss: ALICE,
        sub: ALICE,
        aud: PEP,
        iat: NOW_S,
        exp: NOW_S + 600,
        jti: POLICY,
        wid: WID,
        acp_ver: 1,
        dag: {
          root: "op",
          self: "op",
          max_depth: 3,
          nodes: [
            node("op", ALICE, { delegable: true }),
            node("a", AGENT, { delegable: true }),
            node("b", AGENT, { delegable: true, constraints: { max_calls: 3 } }),
            node("c", AGENT, { consequence: "reversible" }),
          ],
          edges: [
            { from: "op", to: "a", kind: "delegates" },
            { from: "op", to: "b", kind: "delegates" },
            { from: "a", to: "c", kind: "delegates" },
            { from: "b", to: "c", kind: "delegates" },
          ],
        },
        hitl: { rules: [], default_on_timeout: "deny" },
      }),
    );
    await outcome(/^Verified/);
    const delegation = section(/^Delegation \(4 nodes\)$/);
    const items = delegation.getAllByRole("listitem");
    expect(items).toHaveLength(4);
    expect(within(items[0] as HTMLElement).getAllByRole("listitem")).toHaveLength(3);
    expect(delegation.getByText(/also under b/)).toBeVisible();
    expect(delegation.getByText(/limits: max_calls/)).toBeVisible();
  });

  it("[ACP-7] [ACP-21] [ACP-26] [INV-4] tells the acceptance of a policy step by step, and what was not checked", async () => {
    const host = await FakeHost.open(ALICE);
    show(host);
    const policy = (change: object = {}, limit = 3) => ({
      ...{ iss: ALICE, sub: ALICE, aud: PEP, iat: NOW_S, exp: NOW_S + 600, jti: POLICY, wid: WID, acp_ver: 1 },
      dag: {
        ...{ root: "op", self: "op", max_depth: 1 },
        nodes: [
          { id: "op", agent: ALICE, actions: ["*"], delegable: true, constraints: { max_calls: 3 } },
          { id: "a", agent: AGENT, actions: ["build_*"], constraints: { max_calls: limit } },
        ],
        edges: [{ from: "op", to: "a", kind: "delegates" }],
      },
      hitl: { rules: [], default_on_timeout: "deny" },
      cnf: { jkt: DIGEST },
      ...change,
    });
    const rows = (name: string): string[] =>
      within(screen.getByRole("list", { name }))
        .getAllByRole("listitem")
        .map((row) => row.textContent);
    fill(await host.sign("acp+jwt", policy()));
    await outcome(/^Verified in part: 22 steps passed, 2 not checked here$/);
    expect(rows("P1 steps")[6]).toMatch(/^7passedlimits only get narrower/);
    expect(rows("ACP steps")).toEqual([expect.stringMatching(/^15passedevery irreversible action/)]);
    expect(rows("P1 steps from 9")).toEqual([
      expect.stringMatching(/^9does not apply.*it derives from no other policy$/),
      expect.stringMatching(/^10not checked.*neither it nor its parent is in this log/),
      expect.stringMatching(/^11not checked.*the holder proves it when the policy is used/),
    ]);
    fill(await host.sign("acp+jwt", policy({}, 4)));
    const article = await outcome(/^Refused at P1 step 7: limits only get narrower/);
    expect(within(article).getAllByText("acp_widening")[0]).toBeVisible();
    expect(rows("P1 steps")[7]).toMatch(/^8not reached/);
    expect(rows("P1 steps from 9").every((row) => row.includes("not reached"))).toBe(true);
    fill(await host.sign("acp+jwt", policy({ parent: { jti: jti(9), hash: DIGEST }, act: { sub: ALICE } })));
    await outcome(/^Verified in part: 22 steps passed, 3 not checked here$/);
    expect(rows("P1 steps from 9")[0]).toMatch(/^9not checked.*acp_parent_missing.*is not in this log/);
  });

  it("[COM-5] tells a type that the specification names and nobody verifies here yet from one that nobody names", async () => {
    const host = await FakeHost.open();
    show(host);
    fill(await host.sign("vote+jwt", intent()));
    const known = await outcome(/^Not verified: this console does not verify tokens of this type yet$/);
    expect(within(known).getByText("Vote")).toBeVisible();
    expect(within(known).getByText(/a type that the specification names/)).toBeVisible();
    expect(within(known).getAllByText("token_wrong_type")[0]).toBeVisible();
    expect(resultsOf()).toEqual(expected(4));
    fill(await host.sign("strange+jwt", intent()));
    const unknown = await outcome(/^Refused at CTV step 4: /);
    expect(
      within(unknown).getByText(/no type that is known here, and none that the specification names/),
    ).toBeVisible();
  });

  it("says what failed, and looks again", async () => {
    const host = await FakeHost.open();
    host.failing = new Error("the engine is away");
    show(host);
    fill(await host.sign("intent+jwt", intent()));
    const alert = await screen.findByRole("alert");
    expect(within(alert).getByText("the engine is away")).toBeVisible();
    host.failing = null;
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    await outcome(/^Verified/);
  });

  it("is used by keyboard: to the fields, a paste anywhere, again, clear", async () => {
    const host = await FakeHost.open();
    show(host);
    await user.keyboard("/");
    expect(field()).toHaveFocus();
    field().blur();
    await user.keyboard("e");
    expect(screen.getByRole("textbox", { name: "Entry number or token id" })).toHaveFocus();
    screen.getByRole("textbox", { name: "Entry number or token id" }).blur();
    const data = new DataTransfer();
    data.setData("text/plain", await host.sign("intent+jwt", intent()));
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    await outcome(/^Verified/);
    await user.keyboard("r");
    await waitFor(() => expect(host.asked).toHaveLength(2));
    await user.keyboard("x");
    expect(await screen.findByText("No token to look at")).toBeVisible();
    expect(field()).toHaveValue("");
  });

  it("fits a phone: no sideways scrolling at 390 px", async () => {
    await page.viewport(390, 844);
    const host = await FakeHost.open();
    show(host);
    fill(await host.sign("intent+jwt", intent(10, { [`n${"o".repeat(300)}`]: toBase64url(utf8("z".repeat(900))) })));
    await outcome(/^Verified/);
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
  });
});
