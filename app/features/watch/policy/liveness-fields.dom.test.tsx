import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, it } from "vitest";
import { startTermsSchema } from "../../../protocol/liveness/terms.ts";
import { type LivenessChoice, startTerms, USUAL_LIVENESS } from "./liveness-choice.ts";
import { LivenessFields } from "./liveness-fields.tsx";

afterEach(cleanup);

const AGENTS = ["planner", "writer"].map((name) => ({ id: `spiffe://console.local/agent/w/${name}`, name }));
const [, WRITER] = AGENTS;

/** What would be declared with the start now. */
let declared: () => unknown;

function Desk() {
  const [choice, setChoice] = useState<LivenessChoice>(USUAL_LIVENESS);
  declared = () => startTermsSchema.parse(startTerms(choice, []));
  return <LivenessFields choice={choice} onChange={setChoice} agents={AGENTS} highRisk={0} />;
}

it("[L3] [N9] declares another plan for one agent, and takes it back", async () => {
  const user = userEvent.setup();
  render(<Desk />);
  const usual = { do: "safe_stop", after_s: 300 };
  expect(declared()).toEqual({ plan: usual });
  await user.selectOptions(screen.getByRole("combobox", { name: "Another plan for one agent" }), WRITER?.id ?? "");
  // As long as it is the same plan there is nothing to declare.
  expect(declared()).toEqual({ plan: usual });
  await user.selectOptions(screen.getByRole("combobox", { name: "When writer is not heard of" }), "hold-45");
  expect(declared()).toEqual({ plan: usual, plans: { [WRITER?.id ?? ""]: { do: "hold", after_s: 45 } } });
  await user.click(screen.getByRole("button", { name: "As the others: writer" }));
  expect(declared()).toEqual({ plan: usual });
  expect(screen.queryByRole("combobox", { name: "When writer is not heard of" })).toBeNull();
});
