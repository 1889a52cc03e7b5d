import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fakeHost, renderWith } from "../watch.fixture.tsx";
import { LoadRun } from "./load-run.tsx";

afterEach(cleanup);

const run = (id: number, steps: number) => ({
  task_id: id,
  traj: Array.from({ length: steps }, (_, at) => ({
    role: at % 2 === 0 ? "user" : "assistant",
    content: `message ${at + 1}`,
  })),
});
const truth = [
  {
    trajectory_id: 2,
    failures: [{ failure_id: 1, step_number: 2, failure_category: "Wrong", failed_agent: "Assistant" }],
    root_cause: { failure_id: 1 },
  },
];
const file = (content: unknown, name: string) => new File([JSON.stringify(content)], name);

describe("files that hold several runs", () => {
  it("[BEH-61] [BEH-60] list them with their steps; one is chosen, shown with what is noted about it, and another can be", async () => {
    const user = userEvent.setup();
    const files = [file(truth, "ground_truth.json"), file([run(1, 4), run(2, 3)], "runs.json")];
    renderWith(fakeHost(), null, <LoadRun source={{ kind: "files", files }} onClose={vi.fn()} onChosen={vi.fn()} />);
    const list = await screen.findByRole("list", { name: "Runs" });
    expect(
      within(list)
        .getAllByRole("listitem")
        .map((item) => item.textContent),
    ).toEqual(["tau-bench task 14 steps · task-1Load", "tau-bench task 23 steps · task-2Load"]);
    await user.click(within(list).getByRole("button", { name: "Load: tau-bench task 2, task-2" }));
    expect(await screen.findByText("step 2, Assistant: annotated as the cause")).toBeInTheDocument();
    expect(screen.getByText("noted in the recording, no finding of this console")).toBeInTheDocument();
    expect(screen.getByText(/no times in the recording/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Choose another" }));
    await user.click(await screen.findByRole("button", { name: "Load: tau-bench task 1, task-1" }));
    expect(await screen.findByRole("button", { name: "Go on to the policy" })).toBeInTheDocument();
    expect(screen.queryByText(/annotated as the cause/)).toBeNull();
    await user.click(screen.getByRole("button", { name: "Choose another" }));
    await screen.findByRole("list", { name: "Runs" });
    await user.click(screen.getByRole("button", { name: "Choose another" }));
    await waitFor(() => expect(screen.getByRole("heading", { name: "A recording of yours" })).toBeInTheDocument());
  });
});
