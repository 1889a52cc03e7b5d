import { ORPCError } from "@orpc/client";
import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import type { OverrideSignal } from "../../../api/contract/override.ts";
import { cascade } from "../breakers/breakers.fixture.ts";
import { openPane } from "../pane.fixture.tsx";
import { ALICE, BEA_PASSPHRASE, claimsOf, type FakeHost, fakeHost, type SecondKey, WID } from "../watch.fixture.tsx";
import type { Rehearsal } from "./queries.ts";
import {
  agent,
  CKPT,
  checkpoint,
  idOf,
  PLAN_HASH,
  planOf,
  RB,
  rehearsalOf,
  residue,
  shownOf,
  stateOf,
  stepsOf,
  summary,
  task,
} from "./rollback.fixture.ts";

beforeEach(() => page.viewport(1280, 900));
afterEach(cleanup);

const BEA = "spiffe://console.local/human/bea";
const FINAL = () => rehearsalOf(planOf(stepsOf()));
const panel = (name: RegExp | string) => screen.findByRole("complementary", { name });

const openWith = (host: FakeHost, search: object = {}, second: SecondKey = "protected") =>
  openPane(host, { wid: WID, ...search }, second);

async function fill(dialog: HTMLElement, name: RegExp, text: string): Promise<void> {
  await user.fill(within(dialog).getByRole("textbox", { name }), text);
}

const refused = (code: string) =>
  new ORPCError("CONFLICT", {
    defined: true,
    data: { type: "about:blank", title: "Refused", status: 409, detail: "the plan is another one", code },
  });

describe("a rehearsal", { timeout: 60_000 }, () => {
  it("[J6] [N13] [CAS-36] starts from the alert at the first out, and names what is undone and what is not, with whom to tell", async () => {
    const host = fakeHost();
    host.cascades = [cascade()];
    const steps = stepsOf().map((one) =>
      one.list === "undone" ? { ...one, gateway: "spiffe://metro.example/pep" } : one,
    );
    const participants = [agent(1), "spiffe://metro.example/pep"].map((one) => ({ agent: one, steps: 1 }));
    host.rollback.rehearse = () => rehearsalOf(planOf(steps, { participants }));
    const url = await openWith(host);
    await user.click(await screen.findByRole("button", { name: "Roll back …" }));
    expect(url.search.rollback).toBe("t0");
    const found = await panel("Roll back: dry run");
    expect(await within(found).findByText("4 tasks after the cut, 1 task stays:")).toBeVisible();
    for (const words of ["1 undone", "1 compensated", "1 undone by a person", "1 cannot be undone"])
      expect(within(found).getByText(words)).toBeVisible();
    expect(host.rollback.rehearsed[0]).toEqual({
      wid: WID,
      target: { kind: "task", id: idOf("100") },
      keepTarget: false,
      bestEffort: false,
    });
    const final = within(found).getByRole("region", { name: "Cannot be undone" });
    expect(within(final).getByRole("row", { name: /sift 1/ })).toHaveTextContent(
      /declared as final before it was done.*To be told: .*mailto:owner@example\.com/,
    );
    expect(within(found).getByRole("region", { name: "The cut" })).toHaveTextContent("split");
    expect(found).toHaveTextContent(/12\.50/);
    expect(found).toHaveTextContent("without currency; 1 step without one");
    expect(found).toHaveTextContent("1 agent and 1 gateway of another domain");
    const undone = within(found).getByRole("region", { name: "Undone" });
    expect(within(undone).getByRole("row", { name: /sift 2/ })).toHaveTextContent(
      "the log of metro.example has to take it in",
    );
  });

  it("[J6] [N13] lights the plan and the cut on the graph, and gives the graph back when it is closed", async () => {
    const host = fakeHost();
    host.rollback.rehearse = FINAL;
    await openWith(host, { rollback: "t1" });
    const found = await panel("Roll back: dry run");
    await waitFor(() => expect(document.querySelectorAll("[data-halo]")).toHaveLength(5));
    const tag = (name: string) => screen.getByTitle(name).querySelector("[data-halo]")?.textContent;
    expect(tag("sift 1")).toBe("cannot be undone");
    expect(tag("sift 2")).toBe("would be undone");
    expect(tag("sift 3")).toBe("would be compensated");
    expect(tag("split")).toBe("stays: the cut");
    await user.click(within(found).getByRole("button", { name: "Close" }));
    await waitFor(() => expect(document.querySelectorAll("[data-halo]")).toHaveLength(0));
  });

  it("[J6] rehearses another cut that is chosen on the graph, in the table of steps, or among the checkpoints", async () => {
    const host = fakeHost();
    host.rollback.checkpoints = [checkpoint(), checkpoint({ ckptId: idOf("c2"), expired: true, usableUntil: 1 })];
    const url = await openWith(host, { sel: "t1" });
    await user.click(await screen.findByRole("button", { name: "Roll back …" }));
    const found = await panel("Roll back: dry run");
    const last = () => host.rollback.rehearsed.at(-1);
    await user.click(await within(found).findByRole("radio", { name: "After this task" }));
    await waitFor(() => expect(last()).toMatchObject({ keepTarget: true, target: { id: idOf("101") } }));
    await user.click(await within(found).findByRole("button", { name: "sift 2" }));
    await user.click(await within(found).findByRole("button", { name: "Cut at the selected task instead" }));
    expect(url.search.rollback).toBe("t2");
    await waitFor(() => expect(last()).toMatchObject({ target: { kind: "task", id: idOf("102") } }));
    await user.click(within(found).getByRole("radio", { name: "A checkpoint" }));
    await waitFor(() => expect(last()).toMatchObject({ target: { kind: "checkpoint", id: CKPT }, keepTarget: false }));
    await user.click(within(found).getByRole("radio", { name: "The beginning" }));
    await waitFor(() => expect(last()).toMatchObject({ target: { kind: "workflow", id: WID } }));
    await user.click(within(found).getByRole("radio", { name: "As much as can be" }));
    await waitFor(() => expect(last()).toMatchObject({ bestEffort: true }));
  });

  it("[N13] [J6] takes no earlier plan for current when a cut is chosen again", async () => {
    const host = fakeHost();
    await openWith(host, { rollback: "t1" });
    const found = await panel("Roll back: dry run");
    const sign = async () => within(found).findByRole("button", { name: "Go on to sign …" });
    await waitFor(async () => expect(await sign()).toBeEnabled());
    await user.click(within(found).getByRole("radio", { name: "After this task" }));
    await waitFor(() => expect(host.rollback.rehearsed.at(-1)).toMatchObject({ keepTarget: true }));
    await waitFor(async () => expect(await sign()).toBeEnabled());
    const made = Promise.withResolvers<Rehearsal>();
    vi.spyOn(host.client.rollback, "rehearse").mockReturnValueOnce(made.promise);
    await user.click(within(found).getByRole("radio", { name: "Before this task" }));
    expect(await within(found).findByText("The dry run of this cut is being made.")).toBeVisible();
    expect(await sign()).toBeDisabled();
    made.resolve(FINAL());
    expect(await within(found).findByText("1 cannot be undone")).toBeVisible();
  });

  it("[CAS-21] shows until when a checkpoint may be used, and one that is over as not used", async () => {
    const host = fakeHost();
    host.rollback.checkpoints = [checkpoint(), checkpoint({ ckptId: idOf("c2"), expired: true, usableUntil: 1 })];
    host.rollback.rehearse = () =>
      rehearsalOf(
        planOf(stepsOf({ final: false }), {
          conflicts: [
            {
              kind: "checkpoint_expired",
              task: task(3, "sift 3"),
              blocks: false,
              resource: null,
              ckptId: idOf("c2"),
              by: null,
            },
          ],
        }),
      );
    await openWith(host, { rollback: `c${CKPT}` });
    const found = await panel("Roll back: dry run");
    const row = (await within(found).findAllByRole("row", { name: /sift 2/ }))[0];
    expect(row).toHaveTextContent(/checkpoint usable for (59 min|1 h)/);
    expect(within(found).getByText("checkpoint is over: not used")).toBeVisible();
    expect(within(found).getByRole("region", { name: "To know before" })).toHaveTextContent(
      "sift 3 has a checkpoint that is over: it is not used",
    );
  });

  it("[S11] [CAS-15] says why it cannot be signed: what blocks, what is final, or who is missing", async () => {
    const host = fakeHost();
    host.rollback.rehearse = ({ bestEffort }) =>
      bestEffort
        ? rehearsalOf(
            planOf(stepsOf(), {
              conflicts: [
                { kind: "in_flight", task: task(3, "sift 3"), blocks: true, resource: null, ckptId: null, by: null },
              ],
            }),
            { code: "rollback_conflict", detail: "tasks are under way" },
          )
        : rehearsalOf(planOf(stepsOf()), { code: "rollback_irreversible", detail: "1 tasks cannot be undone" });
    await openPane(host, { wid: WID, rollback: "t1" });
    const found = await panel("Roll back: dry run");
    const sign = await within(found).findByRole("button", { name: "Go on to sign …" });
    expect(await within(found).findByText(/^1 task cannot be undone, and all or nothing is chosen/)).toBeVisible();
    expect(sign).toBeDisabled();
    await user.click(within(found).getByRole("radio", { name: "As much as can be" }));
    expect(await within(found).findByText("Something stands against it. It is listed below.")).toBeVisible();
    expect(within(found).getByRole("region", { name: "What stands against it" })).toHaveTextContent(
      "sift 3 is still under way",
    );
    expect(within(found).getByRole("button", { name: "Go on to sign …" })).toBeDisabled();
  });

  it("[S11] offers no signature where nothing would be undone", async () => {
    const host = fakeHost();
    host.rollback.rehearse = () => rehearsalOf(planOf(stepsOf().map((one) => ({ ...one, list: "skipped" as const }))));
    await openWith(host, { rollback: "t1" });
    const found = await panel("Roll back: dry run");
    expect(await within(found).findByText(/there is nothing to undo/)).toBeVisible();
    expect(within(found).getByRole("button", { name: "Go on to sign …" })).toBeDisabled();
  });

  it("[L2] is no plan when it cannot be made, and says so", async () => {
    const host = fakeHost();
    host.rollback.rehearse = () => refused("rollback_empty");
    await openWith(host, { rollback: "t1" });
    const found = await panel("Roll back: dry run");
    expect(await within(found).findByRole("alert")).toHaveTextContent("rollback_empty");
    expect(within(found).queryByRole("button", { name: "Go on to sign …" })).toBeNull();
  });
});

describe("signing a rollback", { timeout: 60_000 }, () => {
  async function openDialog(host: FakeHost, second?: SecondKey) {
    const url = await openWith(host, { rollback: "t1" }, second);
    const found = await panel("Roll back: dry run");
    await user.click(within(found).getByRole("radio", { name: "As much as can be" }));
    const sign = await within(found).findByRole("button", { name: "Go on to sign …" });
    await waitFor(() => expect(sign).toBeEnabled());
    await user.click(sign);
    return { url, dialog: await screen.findByRole("dialog", { name: "Roll back" }) };
  }
  const byBea = (dialog: HTMLElement) => user.fill(within(dialog).getByLabelText("Passphrase of Bea"), BEA_PASSPHRASE);

  it("[D1] [OVR-S4] takes nobody as the second person whose key nothing protects, and says why", async () => {
    const host = fakeHost();
    host.rollback.rehearse = () => rehearsalOf(planOf(stepsOf({ final: false })));
    const { dialog } = await openDialog(host, "open");
    await fill(dialog, /Why is it rolled back/, "wrong device");
    expect(within(dialog).getByRole("alert")).toHaveTextContent(
      "Bea cannot be the second person: nothing protects their key",
    );
    expect(within(dialog).getByRole("combobox", { name: "Second operator" })).toHaveTextContent(
      "Bea (key not protected)",
    );
    expect(within(dialog).getByRole("button", { name: "Roll back" })).toBeDisabled();
  });

  it("[F1] [F2] [D4] [CAS-31] two people sign the digest that is shown, after the target is typed; then its steps are watched", async () => {
    const host = fakeHost();
    host.rollback.rehearse = FINAL;
    host.rollback.shown = shownOf();
    const { url, dialog } = await openDialog(host);
    expect(dialog).toHaveTextContent(/Back tobefore the task sift 1/);
    expect(dialog).toHaveTextContent(/4 tasks done since then/);
    expect(dialog).toHaveTextContent(/1 cannot be undone; 1 task stays as before/);
    expect(within(dialog).getByRole("region", { name: "Stays changed for good" })).toHaveTextContent(
      /sift 1.*To be told/,
    );
    const give = within(dialog).getByRole("button", { name: "Roll back" });
    await fill(dialog, /Why is it rolled back/, "wrong device");
    await byBea(dialog);
    expect(give).toBeDisabled();
    await fill(dialog, /Type the target to sign: sift 1/, "sift 1");
    expect(give).toBeEnabled();
    await user.click(give);
    await waitFor(() => expect(host.rollback.requests).toHaveLength(1));
    const claims = claimsOf(host.rollback.requests[0] ?? "");
    expect(claims).toMatchObject({
      iss: ALICE,
      action: "rollback",
      level: "mandatory",
      scope: { kind: "workflow", id: WID },
      params: { target: { kind: "task", id: idOf("101") }, best_effort: true, plan_hash: PLAN_HASH },
      reason: "wrong device",
    });
    const [cosign] = claims.cosign as string[]; // The claim is a list of compact tokens.
    expect(claimsOf(cosign ?? "")).toMatchObject({ iss: BEA, signal: { jti: claims.jti } });
    await waitFor(() => expect(url.search.rollback).toBe(claims.jti));
    expect(await panel("Rollback")).toBeVisible();
  });

  it("[D4] does not sign a plan that is another one by now: what is different is read first", async () => {
    const host = fakeHost();
    host.rollback.rehearse = () => rehearsalOf(planOf(stepsOf({ final: false })));
    const { dialog } = await openDialog(host);
    await fill(dialog, /Why is it rolled back/, "wrong device");
    await byBea(dialog);
    host.rollback.rehearse = () => rehearsalOf(planOf(stepsOf(), { planHash: "B".repeat(43) }));
    host.rollback.refusal = refused("rollback_plan_changed");
    await user.click(within(dialog).getByRole("button", { name: "Roll back" }));
    expect(await within(dialog).findByText(/read the dry run again/)).toBeVisible();
    host.rollback.refusal = null;
    await user.click(await within(dialog).findByRole("button", { name: "Take the new plan" }));
    expect(within(dialog).getByRole("button", { name: "Roll back" })).toBeDisabled();
    await fill(dialog, /Type the target to sign/, "sift 1");
    await user.click(within(dialog).getByRole("button", { name: "Roll back" }));
    await waitFor(() => expect(host.rollback.requests).toHaveLength(1));
    expect(claimsOf(host.rollback.requests[0] ?? "").params).toMatchObject({ plan_hash: "B".repeat(43) });
  });
});

describe("a rollback that goes on", { timeout: 60_000 }, () => {
  const [manual, compensated, restored, final] = stepsOf();
  if (manual === undefined || compensated === undefined || restored === undefined || final === undefined)
    throw new Error("four steps");

  it("[CAS-14] [CAS-37] [S7] shows each step by wave with its state, never what was asked for as what came of it", async () => {
    const host = fakeHost();
    host.rollback.rollbacks = [summary()];
    host.rollback.shown = shownOf({
      steps: [
        stateOf(manual, "open"),
        stateOf(compensated, "done", { compensation: idOf("d1"), entry: 71 }),
        stateOf({ ...restored, gateway: "spiffe://metro.example/pep" }, "open", { atGateway: true }),
        stateOf(final, "skipped"),
      ],
    });
    await openWith(host);
    const strip = await screen.findByRole("region", { name: "Rollbacks that are not over" });
    expect(strip).toHaveTextContent(/under way.*1 of 4 steps have an outcome.*1 step for a person/);
    await user.click(within(strip).getByRole("button", { name: "Open the rollback" }));
    const found = await panel("Rollback");
    const wave = (number: number) => within(found).getByRole("region", { name: `Wave ${number}` });
    await waitFor(() => expect(wave(1)).toHaveTextContent(/merge.*a person is asked/));
    expect(wave(2)).toHaveTextContent(/sift 3.*compensated.*as the agent says.*its compensation/);
    expect(within(wave(2)).getByRole("link", { name: "its compensation" })).toHaveAttribute(
      "href",
      `/inspector?jti=${idOf("d1")}`,
    );
    // Undone, and no more than that before the log of its domain says so (CAS-37).
    expect(wave(3)).toHaveTextContent(/sift 2.*undone, its domain's gateway is asked.*asked \d/);
    expect(wave(4)).toHaveTextContent(/sift 1.*stays changed/);
  });

  it("[CAS-16] takes what a person says came of their step: partly undone needs what stays", async () => {
    const host = fakeHost();
    host.rollback.shown = shownOf({ steps: [stateOf(manual, "open"), stateOf(compensated, "waiting")] });
    await openWith(host, { rollback: RB });
    const found = await panel("Rollback");
    await user.click(await within(found).findByRole("button", { name: "Say what came of it: merge" }));
    const dialog = await screen.findByRole("dialog", { name: "What came of a step" });
    const sign = within(dialog).getByRole("button", { name: "Sign the result" });
    expect(sign).toBeDisabled();
    await user.click(within(dialog).getByRole("radio", { name: "Partly" }));
    expect(sign).toBeDisabled();
    await fill(dialog, /What stays changed, one thing a line/, "the letter was sent\n\nthe copy too");
    await user.click(sign);
    await waitFor(() => expect(host.rollback.results).toHaveLength(1));
    expect(claimsOf(host.rollback.results[0] ?? "")).toMatchObject({
      iss: ALICE,
      rb_id: RB,
      phase: "execute",
      plan_hash: PLAN_HASH,
      n: 1,
      task: idOf("104"),
      status: "partial",
      residue: ["the letter was sent", "the copy too"],
    });
  });

  it("[S7] [CAS-16] a result that is being signed cannot be taken back, and what came of it is told in any case", async () => {
    const host = fakeHost();
    host.rollback.shown = shownOf({ steps: [stateOf(manual, "open")] });
    const { refetch } = await openWith(host, { rollback: RB });
    const found = await panel("Rollback");
    await user.click(await within(found).findByRole("button", { name: "Say what came of it: merge" }));
    const dialog = await screen.findByRole("dialog", { name: "What came of a step" });
    const given = Promise.withResolvers<never>();
    vi.spyOn(host.client.rollback, "result").mockReturnValueOnce(given.promise);
    await user.click(within(dialog).getByRole("radio", { name: "Undone" }));
    await user.click(within(dialog).getByRole("button", { name: "Sign the result" }));
    expect(await within(dialog).findByRole("button", { name: "Signing …" })).toBeDisabled();
    expect(within(dialog).getByRole("button", { name: "Not yet" })).toBeDisabled();
    await user.keyboard("{Escape}");
    expect(dialog).toBeInTheDocument();
    // The step is over by another way: the dialog goes with it.
    host.rollback.shown = shownOf({ rollback: summary({ asked: [] }), steps: [stateOf(manual, "done")] });
    await refetch();
    await waitFor(() => expect(dialog).not.toBeInTheDocument());
    given.reject(refused("rollback_finished"));
    expect(await screen.findByText("Refused, or not answered: what you signed")).toBeVisible();
  });

  it("[CAS-16] [CAS-26] [N13] lists what is left and whom to tell, and confirms exactly that, not a newer list", async () => {
    const host = fakeHost();
    const over = summary({
      phase: "partial",
      needsPerson: true,
      asked: [],
      endedAt: Math.floor(Date.now() / 1000) - 30,
    });
    const left = [
      residue(compensated, "partial", { residue: ["<b>the mail</b> went out \u202egnp"], tell: [agent(1)] }),
      residue(final, "impossible"),
    ];
    const made = (revision: number, residues = left) =>
      shownOf({
        rollback: over,
        residues,
        revision,
        steps: [stateOf(compensated, "partial"), stateOf(final, "skipped")],
      });
    host.rollback.shown = made(7);
    const { refetch } = await openWith(host, { rollback: RB });
    const found = await panel("Rollback");
    const list = await within(found).findByRole("list", { name: "What is left" });
    expect(list).toHaveTextContent(/sift 3: partly undone.*<b>the mail<\/b> went out.*sift 1: could not be undone/);
    expect(list).toHaveTextContent("mailto:owner@example.com");
    expect(within(found).getByText(/The agents hold what they changed for 9 min/)).toBeVisible();
    await user.click(within(found).getByRole("button", { name: "Confirm as it is …" }));
    const dialog = await screen.findByRole("dialog", { name: "Confirm what is left" });
    await fill(dialog, /Why may it stay as it is/, "the owner knows");
    host.rollback.shown = made(8, [...left, residue(restored, "failed", { code: "rollback_state_mismatch" })]);
    await refetch();
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("this list is not current");
    expect(within(dialog).getByRole("button", { name: "Confirm" })).toBeDisabled();
    await user.click(within(dialog).getByRole("button", { name: "Show what is left now" }));
    expect(dialog).toHaveTextContent(
      /sift 2: its undoing failed \(what was restored is not what the checkpoint holds\)/,
    );
    await user.click(within(dialog).getByRole("button", { name: "Confirm" }));
    await waitFor(() => expect(host.rollback.confirms).toHaveLength(1));
    expect(claimsOf(host.rollback.confirms[0] ?? "")).toMatchObject({
      iss: ALICE,
      rb_id: RB,
      phase: "confirm",
      revision: 8,
      plan_hash: PLAN_HASH,
      reason: "the owner knows",
    });
  });

  it("[CAS-16] [CAS-26] counts in what is confirmed what was undone, and how, apart from what had nothing to undo", async () => {
    const host = fakeHost();
    const nothing = { ...final, list: "skipped" as const, why: null, tell: [] };
    const over = summary({
      phase: "partial",
      needsPerson: true,
      asked: [],
      steps: { total: 4, over: 4, open: 0, failed: 1, residual: 1 },
    });
    host.rollback.shown = shownOf({
      rollback: over,
      residues: [residue(restored, "failed")],
      steps: [
        stateOf(manual, "done"),
        stateOf(compensated, "done"),
        stateOf(restored, "failed"),
        stateOf(nothing, "skipped"),
      ],
    });
    await openWith(host, { rollback: RB });
    const found = await panel("Rollback");
    await user.click(await within(found).findByRole("button", { name: "Confirm as it is …" }));
    const dialog = await screen.findByRole("dialog", { name: "Confirm what is left" });
    expect(dialog).toHaveTextContent("Undone2 of 4 steps: 1 compensated, 1 by a person");
    expect(dialog).toHaveTextContent("Nothing to undo1 step");
  });

  it("[J6] [L2] promises nothing of an abort from a read that is old", async () => {
    const host = fakeHost();
    host.rollback.shown = shownOf({ rollback: summary({ phase: "preparing", asked: [] }) });
    const { refetch } = await openWith(host, { rollback: RB });
    const found = await panel("Rollback");
    await user.click(await within(found).findByRole("button", { name: "Abort …" }));
    const dialog = await screen.findByRole("dialog", { name: "Abort a rollback" });
    expect(dialog).toHaveTextContent("Nothing was changed yet, and nothing will be.");
    host.down = true;
    await refetch();
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("steps may have begun since");
    expect(dialog).not.toHaveTextContent("Nothing was changed yet");
  });

  it("[J6] is aborted with a reason while steps are to come, and not when it is over", async () => {
    const host = fakeHost();
    host.rollback.shown = shownOf();
    const { refetch } = await openWith(host, { rollback: RB });
    const found = await panel("Rollback");
    await user.click(await within(found).findByRole("button", { name: "Abort …" }));
    const dialog = await screen.findByRole("dialog", { name: "Abort a rollback" });
    expect(dialog).toHaveTextContent("What was undone stays undone, and what was not stays changed");
    await fill(dialog, /Why is it aborted/, "not this one");
    await user.click(within(dialog).getByRole("button", { name: "Abort" }));
    await waitFor(() => expect(host.rollback.aborts).toHaveLength(1));
    expect(claimsOf(host.rollback.aborts[0] ?? "")).toMatchObject({
      phase: "abort",
      rb_id: RB,
      reason: "not this one",
    });
    host.rollback.shown = shownOf({ rollback: summary({ phase: "confirmed", asked: [] }) });
    await refetch();
    await waitFor(() => expect(within(found).queryByRole("button", { name: "Abort …" })).toBeNull());
    expect(found).toHaveTextContent("The agents stay paused until somebody resumes them.");
  });

  it("[L2] stays in view, marked as old, when it cannot be read again, and nothing is confirmed from it", async () => {
    const host = fakeHost();
    host.rollback.rollbacks = [summary({ phase: "failed", needsPerson: true, asked: [] })];
    host.rollback.shown = shownOf({ rollback: summary({ phase: "failed", needsPerson: true, asked: [] }) });
    const { refetch } = await openWith(host, { rollback: RB });
    const found = await panel("Rollback");
    await within(found).findByRole("button", { name: "Confirm as it is …" });
    host.down = true;
    await refetch();
    expect(await within(found).findByText("Not current: newer facts may exist.")).toBeVisible();
    expect(within(found).getByRole("button", { name: "Confirm as it is …" })).toBeDisabled();
  });

  it("[S13] holds the workflow until it is over, and is resumed as a pause afterwards, not before", async () => {
    const host = fakeHost();
    const order: OverrideSignal = {
      jti: RB,
      seq: 60,
      action: "rollback",
      level: "mandatory",
      scope: { kind: "workflow", id: WID },
      reason: "wrong device",
      by: ALICE,
      at: Math.floor(Date.now() / 1000),
      priority: 5,
      params: {},
      drill: false,
      latched: false,
      inForce: true,
      lapsed: false,
      effectUntil: null,
      remainingMs: null,
      supersedes: null,
      released: null,
      targets: [],
      stopping: false,
      ladder: { rungs: [], next: null },
      effectsRefused: 0,
    };
    host.overrides = [order];
    const { refetch } = await openWith(host);
    const strip = await screen.findByRole("region", { name: "Orders in force" });
    expect(strip).toHaveTextContent(/Held by a rollback.*the whole workflow/);
    expect(within(strip).queryByRole("button", { name: /^Resume/ })).toBeNull();
    host.overrides = [{ ...order, lapsed: true }];
    await refetch();
    await user.click(await within(strip).findByRole("button", { name: /^Resume/ }));
    const dialog = await screen.findByRole("dialog", { name: "Resume what is paused" });
    await user.fill(within(dialog).getByRole("textbox"), "go on");
    await user.keyboard("{Enter}");
    await waitFor(() => expect(host.signals).toHaveLength(1));
    expect(claimsOf(host.signals[0] ?? "")).toMatchObject({ action: "resume", params: { of: RB } });
  });
});
