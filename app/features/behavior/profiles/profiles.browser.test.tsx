import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page as browser } from "vitest/browser";
import type { Suggestion } from "../../../api/contract/behavior-profiles.ts";
import { claimsOf } from "../../../operator/host.fixture.ts";
import type { ProfileBody } from "../../../protocol/behavior/profile.ts";
import { idOf, POSITION, PROFILE_VERSION, page, show, url, uuid, WID, windowView } from "../pane.fixture.tsx";
import { NEW_PROFILE, profileDrafts } from "./edit/drafts.ts";

beforeEach(() => browser.viewport(1440, 900));
afterEach(() => {
  cleanup();
  for (const key of [NEW_PROFILE, "builder"]) profileDrafts.setDraft(key, null);
});

const PROFILE: ProfileBody = {
  ...PROFILE_VERSION.profile,
  sequences: [
    { id: "quiet", kind: "never_after", a: { data: "personal" }, b: { to: "https://*" }, within_s: 600, severity: 4 },
  ],
};
/** What agents stated: also what hides something, or is no name any more. */
const SEEN_TARGETS = ["https://example.net", "https://example.net/\u202egpj.exe", "x".repeat(1000)];
const COUNTS = { windows: 4, conformant: 3, drifting: 0, nonconformant: 1, insufficient: 0, violations: 1 };
const TASK = { jti: uuid(3), seq: 41, wid: WID, agent: idOf(`${WID}/builder`), action: "send", taskName: "Send it" };

interface Asked {
  readonly profile: ProfileBody;
}

/** A host that keeps what it was asked to replay and to put in force. */
function host(change: object = {}) {
  const replayed: Asked[] = [];
  const put: string[] = [];
  return {
    replayed,
    put,
    answers: {
      profiles: async () => ({ position: POSITION, profiles: [{ ...PROFILE_VERSION, profile: PROFILE }] }),
      seen: async () => ({
        ...{ position: POSITION, dataClasses: ["personal"], targets: SEEN_TARGETS, named: ["/order_id"] },
        agents: [{ agent: idOf("builder"), instances: 1, tasks: 40, actions: [{ action: "check", tasks: 40 }] }],
      }),
      replaying: async function* (asked: Asked) {
        replayed.push(asked);
        yield { type: "progress" as const, checked: 20, total: 40 };
        const answer = {
          ...{ position: POSITION, hash: "H".repeat(43), against: null, agents: 1, tasks: 40, differ: 1, tookMs: 5 },
          ...{ draft: COUNTS, inForce: { ...COUNTS, nonconformant: 0, conformant: 4, violations: 0 }, windows: [] },
          unjudged: [{ rule: "tokens", windows: 4 }],
          ...{ flaggedTotal: 1, flagged: [{ ...TASK, rule: "quiet", severity: 4, at: 0, already: false }] },
        };
        yield { type: "answer" as const, answer };
      },
      putProfile: async ({ token }: { token: string }) => {
        put.push(token);
        return { seq: 99, jti: uuid(9) };
      },
      ...change,
    },
  };
}

const press = (name: string | RegExp) => userEvent.click(screen.getByRole("button", { name }));
const draft = (): ProfileBody => {
  const kept: unknown = JSON.parse(sessionStorage.getItem("signalbox.profile-drafts") ?? "{}");
  return JSON.parse((kept as Record<string, string>).builder ?? "null") as ProfileBody; // what the form wrote
};
const suggested = () => [...document.querySelectorAll("datalist option")].map((one) => one.getAttribute("value") ?? "");
const rule = () => draft().sequences?.[0];
const signButton = () => screen.getByRole("button", { name: "Sign and put in force" });
const ROLES = { roles: ["safety_officer"] };
const EDIT = { view: "profiles", profile: "builder", version: "draft" } as const;

describe("profiles of conduct", { timeout: 60_000 }, () => {
  it("[BEH-5] shows a version with its digest, who signed it and its rules, and begins the next from it", async () => {
    const { answers } = host();
    await show(answers, { ...ROLES, search: { view: "profiles" } });
    const detail = within(await screen.findByRole("article", { name: "Profile builder" }));
    expect(detail.getByText("dee as duty manager")).toBeVisible();
    expect(detail.getByRole("button", { name: /digest of the profile/ })).toBeVisible();
    const drawn = "no anything to https://* within 10 min after anything with data of class personal";
    expect(detail.getByRole("figure", { name: drawn })).toBeVisible();
    // What is only read has no handle.
    expect(detail.queryByRole("slider")).toBeNull();
    await press("New version …");
    expect(await screen.findByRole("article", { name: "Draft of version 4 of builder" })).toBeVisible();
    expect(url.now).toMatchObject({ profile: "builder", version: "draft" });
    cleanup();
    // A link to a profile that is not here leads to the draft of no other one.
    profileDrafts.setDraft(NEW_PROFILE, JSON.stringify({ ...PROFILE, profile_id: "other" }));
    await show(answers, { ...ROLES, search: { ...EDIT, profile: "ghost" } });
    expect(await screen.findByText("No such profile in this log")).toBeVisible();
    expect(screen.queryByRole("article")).toBeNull();
  });

  it("[BEH-40] [BEH-41] [BEH-63] draws a rule and changes it by keyboard and by its fields, with undo, errors and the differences", async () => {
    await show(host().answers, { ...ROLES, search: EDIT });
    const slider = await screen.findByRole("slider", { name: "Time" });
    await waitFor(() => expect(suggested()).toContain("https://example.net"));
    expect(suggested().filter((text) => text.length > 256 || text.includes("\u202e"))).toEqual([]);
    expect(slider).toHaveAttribute("aria-valuetext", "10 min");
    slider.focus();
    await userEvent.keyboard("{ArrowRight}");
    expect(rule()?.within_s).toBe(900);
    await userEvent.keyboard("{End}");
    expect(slider).toHaveAttribute("aria-valuetext", "for good");
    expect(rule()).not.toHaveProperty("within_s");
    // One way to set it was one step.
    slider.blur();
    await userEvent.keyboard("{Control>}z{/Control}");
    await waitFor(() =>
      expect(screen.getByRole("slider", { name: "Time" })).toHaveAttribute("aria-valuetext", "10 min"),
    );
    // The fields say the same, and lead to the same rule.
    const within_s = screen.getByRole("textbox", { name: "Within, s" });
    await userEvent.clear(within_s);
    await userEvent.type(within_s, "90000");
    expect(await screen.findByText("expected: whole seconds from 1 to 86,400")).toBeVisible();
    expect(screen.getByRole("list", { name: "Problems" })).toHaveTextContent(
      "rule 1, within_s: expected: whole seconds",
    );
    expect(signButton()).toBeDisabled();
    await userEvent.clear(within_s);
    await userEvent.type(within_s, "45");
    await press("Swap A and B");
    await userEvent.click(screen.getByTitle("Change A"));
    const data = screen.getByRole("combobox", { name: "A: data of class" });
    await userEvent.type(data, "secret");
    expect(rule()).toMatchObject({ a: { data: "secret", to: "https://*" }, b: { data: "personal" }, within_s: 45 });
    // For one thing at a time: an argument of each side, which changes places with its side.
    const about = (side: string) =>
      screen.getByRole("combobox", { name: `${side}: about the same thing, by argument` });
    expect(suggested()).toContain("/order_id");
    await userEvent.type(about("A"), "order");
    expect((await screen.findAllByText(/as a JSON pointer such as/)).length).toBeGreaterThan(0);
    await userEvent.clear(about("A"));
    await userEvent.type(about("A"), "/order");
    await userEvent.type(about("B"), "/order_id");
    await press("Swap A and B");
    expect(rule()?.same).toEqual({ a: "/order_id", b: "/order" });
    expect(screen.getByRole("figure", { name: /where \/order_id of A is \/order of B$/ })).toBeVisible();
    await userEvent.clear(about("A"));
    await userEvent.clear(about("B"));
    expect(rule()).not.toHaveProperty("same");
    await press("Swap A and B");
    await userEvent.click(screen.getByRole("radio", { name: "A must come before B" }));
    expect(rule()).not.toHaveProperty("within_s");
    expect(screen.queryByRole("slider", { name: "Time" })).toBeNull();
    await userEvent.click(screen.getByRole("checkbox", { name: /^check/ }));
    const changes = within(screen.getByRole("table", { name: "Changes" }));
    const changed = changes.getAllByRole("rowheader").map((head) => head.textContent);
    expect(changed).toEqual(["check", "quiet"]);
    expect(changes.getByText("lets more pass")).toBeVisible();
  });

  it("[BEH-42] puts in force only what was replayed exactly so, and says until then what is missing", async () => {
    const { answers, replayed, put } = host();
    await show(answers, { ...ROLES, search: EDIT });
    expect(await screen.findByText("Nothing is different from the version in force.")).toBeVisible();
    await userEvent.click(screen.getByRole("checkbox", { name: /^check/ }));
    expect(screen.getByText(/Replay exactly this draft over the log first/)).toBeVisible();
    await press("Replay this draft");
    expect(await screen.findByText("1 finding in 40 tasks.")).toBeVisible();
    expect(screen.getByText(/tokens in 4 windows/)).toBeVisible();
    const flagged = within(screen.getByRole("table", { name: "Tasks that would have been flagged" }));
    expect(flagged.getByRole("link", { name: "41" })).toHaveAttribute("href", "/timeline?entry=41");
    const remove = screen.getByRole("button", { name: "Remove quiet" });
    await userEvent.click(remove);
    expect(screen.getByText(/Replay exactly this draft over the log first/)).toBeVisible();
    expect(screen.getByText(/the draft has changed since/)).toBeVisible();
    await press("Replay this draft");
    expect(await screen.findByText("Say why; it is recorded.")).toBeVisible();
    // An answer about another part of the log than the one that is chosen is none.
    await userEvent.click(screen.getByRole("radio", { name: "Entries" }));
    expect(screen.getByText(/the part of the log has changed since/)).toBeVisible();
    expect(signButton()).toBeDisabled();
    await userEvent.click(screen.getByRole("radio", { name: "The whole log" }));
    expect(screen.getByText("Say why; it is recorded.")).toBeVisible();
    await userEvent.type(screen.getByRole("textbox", { name: "Why (recorded)" }), "It checks now.");
    await userEvent.click(signButton());
    await screen.findByRole("article", { name: "Profile builder" });
    const claims = claimsOf(put[0] ?? "");
    expect(claims).toMatchObject({ reason: "It checks now.", role: "safety_officer", profile: { version: 4 } });
    expect(claims.profile).toEqual(replayed.at(-1)?.profile);
    expect(sessionStorage.getItem("signalbox.profile-drafts")).toBe("{}");
    // The next draft does not begin with steps of the one that was signed.
    await press("New version …");
    expect(await screen.findByRole("button", { name: "Undo" })).toBeDisabled();
  });

  it("[BEH-42] [BEH-65] tells how far a replay is, and lets it be taken back", async () => {
    const taken: boolean[] = [];
    const replaying = async function* (_asked: Asked, { signal }: { readonly signal: AbortSignal }) {
      yield { type: "progress" as const, checked: 1200, total: 4000 };
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      taken.push(true);
    };
    await show(host({ replaying }).answers, { ...ROLES, search: EDIT });
    await userEvent.click(await screen.findByRole("button", { name: "Replay this draft" }));
    const bar = await screen.findByRole("progressbar", { name: "Replay" });
    await waitFor(() => expect(bar).toHaveAttribute("aria-valuetext", "1,200 of 4,000 tasks"));
    await press("Cancel");
    await waitFor(() => expect(screen.queryByRole("progressbar")).toBeNull());
    expect(taken).toEqual([true]);
    expect(screen.getByRole("button", { name: "Replay this draft" })).toBeEnabled();
    expect(signButton()).toBeDisabled();
  });

  it("[BEH-42] nobody signs without the role", async () => {
    await show(host().answers, { roles: ["operator"], search: EDIT });
    await userEvent.click(await screen.findByRole("checkbox", { name: /^check/ }));
    await press("Replay this draft");
    expect(await screen.findByText("This needs the role duty manager or safety officer.")).toBeVisible();
    expect(signButton()).toBeDisabled();
  });

  it("[BEH-39] [BEH-S3] shows what each suggestion rests on, and takes over only what was ticked", async () => {
    const suggestion = (id: string, pattern: string, change: Partial<Suggestion> = {}): Suggestion => ({
      ...{ id, adds: { kind: "allowed_action", pattern }, cases: 10, held: 10, counterExamples: [], workflows: 4 },
      ...{ largestShare: 0.25, agents: 2, largestAgentShare: 0.5, chance: null, rests: "many", ...change },
    });
    const suggestions = [
      suggestion("a", "check"),
      suggestion("c", "calls", {
        adds: { kind: "limit", rule: { id: "calls", metric: "max_calls", op: "<=", value: 12, severity: 2 } },
        quantiles: [
          { share: 0.5, value: 9 },
          { share: 1, value: 12 },
        ],
      }),
      suggestion("b", "ship", { held: 9, counterExamples: [TASK], largestShare: 0.9, rests: "one-workflow" }),
    ];
    const pruned = { names: 0, rules: 0 };
    const learn = async () => ({ position: POSITION, tasks: 20, workflows: 4, suggestions, pruned, tookMs: 3 });
    await show(host({ learn }).answers, { ...ROLES, search: { view: "profiles", profile: "builder", make: "learn" } });
    await userEvent.click(await screen.findByRole("button", { name: "Find suggestions" }));
    const table = within(await screen.findByRole("table", { name: "Suggestions" }));
    expect(table.getAllByRole("checkbox").every((box) => !(box as HTMLInputElement).checked)).toBe(true);
    expect(table.getByText("Of the workflows 50% up to 9, 100% up to 12.")).toBeVisible();
    const second = within(must(table.getAllByRole("row")[3]));
    expect(second.getByText("9 of 10")).toBeVisible();
    expect(second.getByText("rests on one workflow")).toBeVisible();
    expect(second.getByRole("link", { name: "send of builder" })).toHaveAttribute("href", "/timeline?entry=41");
    expect(screen.getByRole("button", { name: "Put 0 ticked into the draft" })).toBeDisabled();
    await userEvent.click(table.getByRole("checkbox", { name: "allow check" }));
    await press("Put 1 ticked into the draft");
    await screen.findByRole("article", { name: "Draft of version 4 of builder" });
    expect(draft().allowed_actions).toEqual(["read*", "write*", "check"]);
  });

  it("[BEH-44] [J5] begins the next version with the baseline of an agent's last good windows, replayed by itself", async () => {
    const windows = [windowView(1, { counts: { read: 3, write: 1 } }), windowView(2, { verdict: "drifting" })];
    const { answers, replayed, put } = host({ agent: async () => page({ windows }) });
    await show(answers, { ...ROLES, search: { ...EDIT, baseline: idOf("builder") } });
    expect(await screen.findByText(/The baseline is that of the last good window of builder: 4 tasks/)).toBeVisible();
    await screen.findByText("1 finding in 40 tasks.");
    expect(replayed.map(({ profile }) => profile.baseline)).toEqual([{ action_freq: { read: 0.75, write: 0.25 } }]);
    const why = screen.getByRole("textbox", { name: "Why (recorded)" });
    expect(why).toHaveFocus();
    await userEvent.type(why, "New baseline");
    await userEvent.click(signButton());
    await waitFor(() => expect(put).toHaveLength(1));
    expect(claimsOf(put[0] ?? "").profile).toEqual({ ...PROFILE, version: 4, baseline: replayed[0]?.profile.baseline });
  });

  it("[BEH-44] says so where a draft is there already, and keeps it as it is", async () => {
    const kept = JSON.stringify({ ...PROFILE, version: 4, min_samples: 7 });
    profileDrafts.setDraft("builder", kept);
    const { answers, replayed } = host({
      agent: async () => page({ windows: [windowView(1, { counts: { read: 3 } })] }),
    });
    await show(answers, { ...ROLES, search: { ...EDIT, baseline: idOf("builder") } });
    expect(await screen.findByText(/There is a draft of it already, which stays as it is/)).toBeVisible();
    expect(draft()).toEqual(JSON.parse(kept));
    expect(replayed).toEqual([]);
  });
});

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("it is there");
  return value;
}
