import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, describe, expect, it } from "vitest";
import type { AcpClaimsInput } from "../../../protocol/acp/claims.ts";
import { runGraphOf } from "../graph/graph.fixture.ts";
import { taskGraph } from "../graph/task-graph.ts";
import { actionFacts } from "./action-facts.ts";
import { checkPolicy } from "./check-policy.ts";
import { makePolicy } from "./make-policy.ts";
import { type PolicyChoice, patternProblem, suggestChoice } from "./policy-choice.ts";
import { PolicyForm } from "./policy-form.tsx";
import { PolicySummary } from "./policy-summary.tsx";

afterEach(cleanup);

const WID = "0195400c-0000-4000-8000-0000000000a1";
const agents = [`spiffe://console.local/agent/${WID}/agent-0`];
const graph = taskGraph(
  runGraphOf(
    [
      ...Array.from({ length: 3 }, (_, index) => ({ name: `sift ${index}`, action: "sift", agent: 0 })),
      { name: "merge", action: "merge", agent: 0 },
    ],
    [0, 1, 2].map((from): [number, number, number] => [from, 3, 0]),
  ),
);
const facts = actionFacts(graph, { sift: false, merge: true });

/** What would be signed now. */
let drafted: () => AcpClaimsInput;

/** Form and summary as the desk puts them together. */
function Desk() {
  const [choice, setChoice] = useState<PolicyChoice>(() => suggestChoice(facts));
  const policy = makePolicy(choice, facts, {
    operator: "spiffe://console.local/human/alice",
    pepId: "spiffe://console.local/pep",
    wid: WID,
    jti: "0195400c-0000-4000-8000-0000000000b2",
    nowS: 1000,
    agents,
  });
  drafted = () => policy;
  return (
    <>
      <PolicySummary checked={checkPolicy(JSON.stringify(policy), { wid: WID })} graph={graph} agents={agents} />
      <PolicyForm
        choice={choice}
        onChange={setChoice}
        facts={facts}
        agents={["merger"]}
        problem={patternProblem(choice.irreversible, facts)}
      />
    </>
  );
}

describe("the policy form", () => {
  it("starts with the proposal and says in words what will wait", () => {
    render(<Desk />);
    expect(screen.getByRole("status")).toHaveTextContent("1 task of merge will wait for you.");
    expect(screen.getByRole("checkbox", { name: "merge waits for approval" })).toBeChecked();
    expect(screen.getByRole("checkbox", { name: "sift waits for approval" })).not.toBeChecked();
  });

  it("counts anew when an action is ticked, by name or by pattern", async () => {
    const user = userEvent.setup();
    render(<Desk />);
    await user.click(screen.getByRole("checkbox", { name: "sift waits for approval" }));
    expect(screen.getByRole("status")).toHaveTextContent("4 tasks of merge and sift will wait for you.");
    const patterns = screen.getByRole("textbox", { name: /Actions that cannot be undone/ });
    await user.clear(patterns);
    expect(screen.getByRole("status")).toHaveTextContent("No task will wait for you.");
    await user.type(patterns, "si*");
    expect(screen.getByRole("status")).toHaveTextContent("3 tasks of sift will wait for you.");
    expect(screen.getByRole("checkbox", { name: "sift waits for approval" })).toBeDisabled();
  });

  it("[CAS-5] [CAS-6] [CAS-7] sets up a failure domain with its bulkhead, told at each field what is wrong", async () => {
    const user = userEvent.setup();
    render(<Desk />);
    await user.selectOptions(screen.getByRole("combobox", { name: "Failure domains" }), "own");
    const group = screen.getByRole("group", { name: "Failure domain domain-1" });
    expect(group).toHaveAccessibleDescription("Choose at least one agent.");
    expect(within(group).getByRole("combobox", { name: "Those that are more" })).toBeDisabled();
    await user.click(within(group).getByRole("checkbox", { name: "merger" }));
    const name = within(group).getByRole("textbox", { name: "Name" });
    await user.clear(name);
    await user.type(name, "Back End");
    expect(name).toHaveAccessibleDescription(/Small letters/);
    await user.clear(name);
    await user.type(name, "backend");
    const most = within(group).getByRole("textbox", { name: "Tasks at once, at most" });
    await user.type(most, "0");
    expect(most).toBeInvalid();
    await user.clear(most);
    await user.type(most, "4");
    await user.type(within(group).getByRole("textbox", { name: /^Retries/ }), "25");
    expect(drafted().failure_domains).toEqual([
      {
        domain_id: "backend",
        members: agents,
        bulkhead: {
          max_concurrency: 4,
          on_breach: "queue",
          queue_max: 20,
          queue_timeout_ms: 60_000,
          budget: { retries_ratio: 0.25 },
        },
      },
    ]);
    expect(screen.getByRole("status")).toHaveTextContent("1 task of merge will wait for you.");
    await user.click(screen.getByRole("button", { name: "Add a failure domain" }));
    const second = screen.getByRole("group", { name: "Failure domain domain-2" });
    await user.click(within(second).getByRole("checkbox", { name: "merger" }));
    expect(second).toHaveAccessibleDescription("An agent is in an earlier domain already.");
    await user.click(within(second).getByRole("button", { name: "Remove failure domain domain-2" }));
    expect(screen.queryByRole("group", { name: "Failure domain domain-2" })).toBeNull();
  });

  it("says which pattern matches nothing", async () => {
    const user = userEvent.setup();
    render(<Desk />);
    const patterns = screen.getByRole("textbox", { name: /Actions that cannot be undone/ });
    await user.clear(patterns);
    await user.type(patterns, "deploy");
    expect(patterns).toBeInvalid();
    expect(patterns).toHaveAccessibleDescription(/matches no action/);
  });
});
