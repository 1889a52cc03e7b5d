import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { RunBlame } from "../../../protocol/run/recorded-run.ts";
import { createHighlight } from "../graph/highlight.ts";
import { taskGraph } from "../graph/task-graph.ts";
import { viewGraph } from "../graph/view-graph.ts";
import { createTaskStates } from "../task-states.ts";
import type { WorkflowModel } from "../use-workflow.ts";
import { smallRun } from "../watch.fixture.tsx";
import { AnnotatedSection } from "./annotated-section.tsx";

afterEach(cleanup);

function modelOf(blame: RunBlame[] | null): WorkflowModel {
  const run = { ...smallRun(), ...(blame === null ? {} : { blame }) };
  return {
    view: viewGraph(taskGraph(run), "off", new Set()),
    states: createTaskStates(run.ids.length),
    highlight: createHighlight(),
    selection: { tasks: [1], cursor: 1, lost: 0, set: () => undefined, moveTo: () => undefined },
    filters: { text: "", states: [], agent: null, action: null },
    filtered: false,
    matched: null,
    matches: run.ids.length,
  };
}

const note = (change: Partial<RunBlame>): RunBlame => ({
  task: "task-1",
  step: 2,
  agent: "agent-1",
  named: "Agent 1",
  category: "Wrong tool",
  text: "took <b>the wrong\u202e one",
  cause: true,
  source: "truth.json",
  ...change,
});

describe("what the recording notes about a task", () => {
  it("[BEH-60] is shown as the recording's own word, with who acted, and leads to the other steps", async () => {
    const onShow = vi.fn();
    const model = modelOf([
      note({ named: "Someone else", agent: null }),
      note({ task: "task-4", step: 5, cause: false, named: "Agent 0", agent: "agent-0" }),
      note({ task: null, step: 40, cause: false }),
    ]);
    render(<AnnotatedSection task={1} model={model} onShow={onShow} />);
    const section = screen.getByRole("region", { name: "Annotated in the recording" });
    expect(section).toHaveTextContent("It is no finding of this console");
    expect(section).toHaveTextContent("not found here");
    expect(section).toHaveTextContent("annotated as the cause");
    expect(section).toHaveTextContent("Blames Someone else: Wrong tool");
    expect(section).toHaveTextContent("In this step another agent acted: Agent 1");
    expect(section).toHaveTextContent("took <b>the wrong‹U+202E› one");
    expect(section).toHaveTextContent("step 40, Agent 1: annotated as a fault; the recording has no such step");
    await userEvent.click(within(section).getByRole("button", { name: "step 5, Agent 0: annotated as a fault" }));
    expect(onShow).toHaveBeenCalledWith(4);
  });

  it("says of another step that nothing is noted about it, and is not there where nothing is noted at all", () => {
    const { rerender } = render(<AnnotatedSection task={0} model={modelOf([note({})])} onShow={() => undefined} />);
    expect(screen.getByRole("region")).toHaveTextContent("Nothing is noted about this step.");
    rerender(<AnnotatedSection task={0} model={modelOf(null)} onShow={() => undefined} />);
    expect(screen.queryByRole("region")).toBeNull();
  });
});
