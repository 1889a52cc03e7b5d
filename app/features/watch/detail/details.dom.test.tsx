import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { TASK_STATES } from "../../../api/contract/task-state.ts";
import { createHighlight } from "../graph/highlight.ts";
import { taskGraph } from "../graph/task-graph.ts";
import { viewGraph } from "../graph/view-graph.ts";
import { applyStates, createTaskStates } from "../task-states.ts";
import type { WorkflowModel } from "../use-workflow.ts";
import { fakeHost, renderWith, SMALL_STATES, smallRun, WID } from "../watch.fixture.tsx";
import { DetailDrawer, type DetailDrawerProps } from "./detail-drawer.tsx";
import { useAgentStops } from "./use-agent-stops.ts";

afterEach(cleanup);

function modelOf(tasks: readonly number[]): WorkflowModel {
  const run = smallRun();
  const states = createTaskStates(run.ids.length);
  applyStates(
    states,
    SMALL_STATES.map((state) => TASK_STATES.indexOf(state)),
  );
  return {
    view: viewGraph(taskGraph(run), "off", new Set()),
    states,
    highlight: createHighlight(),
    selection: { tasks, cursor: tasks.at(-1), lost: 0, set: () => undefined, moveTo: () => undefined },
    filters: { text: "", states: [], agent: null, action: null },
    filtered: false,
    matched: null,
    matches: run.ids.length,
  };
}

function open(tasks: readonly number[]) {
  const host = fakeHost();
  const onShow = vi.fn();
  const onOpenGroup = vi.fn();
  const workflow = host.workflows[0];
  if (workflow === undefined) throw new Error("the host has a workflow");
  const { refetch } = renderWith(
    host,
    null,
    <Opened workflow={workflow} tasks={tasks} onShow={onShow} onOpenGroup={onOpenGroup} />,
  );
  return { host, onShow, onOpenGroup, refetch };
}

function Opened({
  workflow,
  tasks,
  ...rest
}: Pick<DetailDrawerProps, "workflow" | "onShow" | "onOpenGroup"> & { readonly tasks: readonly number[] }) {
  const stops = useAgentStops();
  return (
    <DetailDrawer
      workflow={workflow}
      run={smallRun()}
      model={modelOf(tasks)}
      shown="graph"
      onRollBack={() => undefined}
      stops={stops}
      onClose={() => undefined}
      {...rest}
    />
  );
}

describe("details of a task", () => {
  it("say why it waits, by which entries, and lead to the request", async () => {
    open([4]);
    const why = await screen.findByRole("region", { name: "Why it is in this state" });
    expect(why).toHaveTextContent("waiting");
    expect(why).toHaveTextContent("waits for a human: rule approve-irreversible");
    expect(within(why).getByRole("link", { name: "entry 44" })).toHaveAttribute("href", "/timeline?entry=44");
    expect(within(why).getByRole("link", { name: "Decide on it in Approvals" })).toHaveAttribute(
      "href",
      `/approvals?request=0195400c-0000-4000-8000-0000000000c3&wid=${WID}`,
    );
    expect(screen.getByRole("region", { name: "Token" })).toHaveTextContent("Its agent has not issued its ECT.");
  });

  it("[L1] say that they are old when they could not be read again", async () => {
    const { host, refetch } = open([4]);
    await screen.findByRole("region", { name: "Why it is in this state" });
    host.down = true;
    await refetch();
    expect(await screen.findByText(/^Not current/)).toBeVisible();
  });

  it("[INV-4] show each check of the token: passed, failed with its code, and not reached", async () => {
    open([2]);
    const token = await screen.findByRole("region", { name: "Token (ECT)" });
    expect(token).toHaveTextContent("failed at step 2: token_signature_invalid");
    const steps = within(token).getAllByRole("listitem");
    expect(steps.map((step) => step.textContent)).toEqual([
      "1three segmentspassed",
      "2signaturetoken_signature_invalidfailed",
      "3audiencenot reached",
    ]);
    expect(token).not.toHaveTextContent("verified here");
  });

  it("keep apart what was verified here and what the recording asserts", async () => {
    open([1]);
    expect(await screen.findByRole("region", { name: "Token (ECT)" })).toHaveTextContent("verified here");
    expect(screen.getByRole("region", { name: "In the recording" })).toHaveTextContent("asserted by the recording");
  });

  it("[F4] show claims as text, never as markup", async () => {
    const user = userEvent.setup();
    open([1]);
    await user.click(await screen.findByRole("button", { name: /Claims/ }));
    expect(screen.getByText(/<img src=x onerror=alert\(1\)>/)).toBeVisible();
    expect(document.querySelector("img")).toBeNull();
  });

  it("lead to predecessors and successors, and mark an inferred link", async () => {
    const user = userEvent.setup();
    const { onShow } = open([4]);
    const around = await screen.findByRole("region", { name: "Before and after" });
    const inferred = within(around).getByRole("button", { name: /sift 3/ });
    expect(inferred).toHaveTextContent("inferred");
    expect(within(around).getByRole("button", { name: /sift 1/ })).not.toHaveTextContent("inferred");
    await user.click(inferred);
    expect(onShow).toHaveBeenCalledWith(3);
  });

  it("keep inputs, outputs, arguments and attributes that have no place of their own", async () => {
    const user = userEvent.setup();
    open([1]);
    const recorded = await screen.findByRole("region", { name: "In the recording" });
    expect(recorded).toHaveTextContent("in.dat");
    expect(recorded).toHaveTextContent("out.dat");
    await user.click(within(recorded).getByRole("button", { name: /1 other attribute/ }));
    expect(recorded).toHaveTextContent('"machine": "m1"');
  });
});

describe("details of many tasks", () => {
  it("count their states, what needs somebody first", async () => {
    open([0, 1, 2, 3, 4]);
    const stand = screen.getByRole("region", { name: "How they stand" });
    expect(
      within(stand)
        .getAllByRole("listitem")
        .map((item) => item.textContent),
    ).toEqual(["1 waiting", "1 failed", "1 running", "2 done"]);
    expect(await screen.findByText("Sign in to be able to stop.")).toBeVisible();
  });
});
