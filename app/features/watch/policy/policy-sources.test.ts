import { describe, expect, it } from "vitest";
import type { PolicyRow } from "../../../api/contract/policy.ts";
import type { WorkflowSummary } from "../../../api/contract/workflow.ts";
import { checkDraftText } from "../../../protocol/acp/check-draft.ts";
import { adaptedText, policySources } from "./policy-sources.ts";

const ALICE = "spiffe://console.local/human/alice";
const BO = "spiffe://console.local/human/bo";
const OLD = "0195400c-0000-4000-8000-0000000000a1";
const NEW = "0195400c-0000-4000-8000-0000000000a2";
const jti = (end: string): string => `0195400c-0000-4000-8000-0000000000${end}`;
const agent = (wid: string, name: string): string => `spiffe://console.local/agent/${wid}/${name}`;

const CLAIMS = {
  ...{ iss: ALICE, sub: ALICE, aud: ["spiffe://console.local/pep"], iat: 1000, exp: 8200, jti: jti("b1"), wid: OLD },
  acp_ver: 1,
  dag: {
    ...{ root: "op", self: "op", max_depth: 1, edges: [{ from: "op", to: "w", kind: "delegates" }] },
    nodes: [
      { id: "op", agent: ALICE, actions: ["*"], delegable: true },
      { id: "w", agent: agent(OLD, "writer"), actions: ["mail"] },
    ],
  },
  hitl: { default_on_timeout: "deny", rules: [] },
};
const NEW_RUN = { wid: NEW, issuer: BO, jti: jti("b9"), nowS: 50_000 };

const policy = (change: Partial<PolicyRow>): PolicyRow => ({
  ...{
    jti: jti("b1"),
    hash: "H".repeat(43),
    wid: OLD,
    seq: 7,
    iss: ALICE,
    sub: ALICE,
    iat: 1000,
    exp: 8200,
    parent: null,
  },
  ...{ inForce: true, revoked: null, replacedBy: null, replaces: null, nodes: 2, rules: 0 },
  workflow: { status: "running", runName: "Night\u202e build" },
  ...change,
});
// Only these members are looked at.
const workflow = (wid: string, digest: string) => ({ wid, run: { digest } }) as WorkflowSummary;

describe("what a start can begin with", () => {
  it("[ACP-62] is every draft, and each policy under which the same recording ran, the newest first", () => {
    const sources = policySources({
      drafts: { [jti("b7")]: "{}" },
      policies: [
        policy({}),
        policy({ jti: jti("b2"), seq: 30 }),
        policy({ jti: jti("b3"), parent: jti("b1") }),
        policy({ jti: jti("b4"), wid: jti("a7") }),
        policy({ jti: jti("b5"), wid: NEW }),
      ],
      workflows: [workflow(OLD, "same"), workflow(jti("a7"), "other"), workflow(NEW, "same")],
      ...{ digest: "same", wid: NEW },
    });
    expect(sources.map(({ id }) => id)).toEqual([`draft ${jti("b7")}`, `policy ${jti("b2")}`, `policy ${jti("b1")}`]);
    expect(sources[2]?.name).toMatch(/^an earlier run of Night‹U\+202E› build, /);
  });
});

describe("a policy for a new run", () => {
  it("[ACP-62] is a policy of whoever starts, for the agents of the same names, with the same lifetime", () => {
    const adapted = adaptedText(JSON.stringify(CLAIMS), { ...NEW_RUN, agents: [agent(NEW, "writer")] });
    const checked = checkDraftText(adapted.ok ? adapted.value : "");
    expect(checked).toMatchObject({ ok: true, value: { wid: NEW, iss: BO, sub: BO, jti: jti("b9"), exp: 57_200 } });
    if (checked.ok) expect(checked.value.dag.nodes.map((node) => node.agent)).toEqual([BO, agent(NEW, "writer")]);
  });

  it("[ACP-62] is told why it cannot be", () => {
    expect(adaptedText(JSON.stringify(CLAIMS), { ...NEW_RUN, agents: [agent(NEW, "reader")] })).toEqual({
      ok: false,
      error: { code: "agents_missing", detail: "this run has no agent of the name writer" },
    });
    expect(adaptedText("{", { ...NEW_RUN, agents: [] })).toMatchObject({ error: { code: "not_a_policy" } });
  });
});
