import { expect, type Page } from "@playwright/test";

interface Drafted {
  readonly dag: {
    readonly nodes: readonly {
      readonly agent: string;
      readonly actions: readonly string[];
      readonly consequence?: string;
    }[];
  };
  readonly hitl: { readonly rules: readonly object[] };
}

export interface Asked {
  readonly agent: string;
  readonly action: string;
}

/**
 * Makes a draft of the policy in view: one operator is asked about the first action that can be undone, by its name. Returns
 * that action and who does it.
 */
export async function addActionRule(page: Page): Promise<Asked> {
  await page.getByRole("tab", { name: "Edit" }).click();
  await page.getByRole("radio", { name: "JSON" }).click();
  const field = page.getByRole("textbox", { name: "Claims of the acp+jwt" });
  const draft: Drafted = JSON.parse(await field.inputValue());
  const node = draft.dag.nodes.find(
    ({ actions, consequence }) => consequence !== "irreversible" && !actions.includes("*"),
  );
  const action = node?.actions[0];
  if (node === undefined || action === undefined) throw new Error("the policy names no action that can be undone");
  const rule = { id: "by-name", trigger: { kind: "action", patterns: [action] }, role: "operator", action: "approve" };
  const rules = [...draft.hitl.rules, rule];
  await field.fill(JSON.stringify({ ...draft, hitl: { ...draft.hitl, rules } }, null, 2));
  await expect(page.getByText(/A policy that the enforcement point would take/)).toBeVisible();
  return { agent: node.agent, action };
}

/** Tries an action under the policy in view, up to the dialog that gives leave for the next ones. */
export async function tryForGrant(page: Page, { agent, action }: Asked): Promise<void> {
  await page.getByRole("tab", { name: "Try it" }).click();
  await page.getByLabel("Agent", { exact: true }).fill(agent);
  await page.getByLabel("Action", { exact: true }).fill(action);
  await page.getByRole("button", { name: "Give a standing grant …" }).click();
  await page.getByLabel(/^Why need nobody be asked/).fill("the same step, seen once");
}
