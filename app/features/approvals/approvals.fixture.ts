import { must } from "../../base/assert.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import type { GateDetail } from "./gate-detail.ts";
import { sha256Text } from "./shown-view.ts";

export const WID = "0195400c-0000-7000-8000-00000000000a";
export const AGENT = "spiffe://console.local/agent/run/executor";
export const REQUEST_A = "0195400c-0000-7000-8000-0000000000a1";
export const REQUEST_B = "0195400c-0000-7000-8000-0000000000b2";
export const REQUEST_C = "0195400c-0000-7000-8000-0000000000c3";

/** Row of the queue. */
export function gateRow(change: Partial<GateDetail["row"]> = {}): GateDetail["row"] {
  return {
    request: REQUEST_A,
    seq: Number.parseInt((change.request ?? REQUEST_A).slice(-2), 16),
    wid: WID,
    runName: "nightly",
    agent: AGENT,
    action: "apply_change",
    taskName: "apply change 7",
    taskIndex: 7,
    target: "urn:cluster:one",
    consequence: "irreversible",
    state: "pending",
    role: "operator",
    approvals: { given: 0, required: 1 },
    roles: [{ role: "operator", given: 0, required: 1 }],
    escalated: [],
    escalatesTo: null,
    timedOut: false,
    openedAt: 1_772_064_000,
    remainingMs: 300_000,
    timeoutS: 600,
    onTimeout: "deny",
    reasonRequired: true,
    ruleIds: ["r1"],
    likeness: change.action ?? "apply_change",
    blast: { tasks: 5, irreversible: (change.consequence ?? "irreversible") === "irreversible" ? 1 : 0, agents: 2 },
    claim: null,
    shelf: null,
    deferrals: [],
    offersModify: false,
    modified: false,
    breakGlassAllowed: false,
    breakGlass: null,
    commitFirst: false,
    stopClass: false,
    grantable: false,
    withdrawn: null,
    ...change,
  };
}

/** A request as a host answers it, its token really signed and its digests really computed. */
export async function gateDetail(
  change: {
    readonly args?: Json;
    readonly row?: Partial<GateDetail["row"]>;
    readonly narrative?: string | null;
    readonly alternatives?: readonly string[];
    readonly confidence?: number;
    readonly previous?: GateDetail["previous"];
  } = {},
): Promise<{ readonly detail: GateDetail; readonly token: string }> {
  const row = gateRow(change.row);
  const args = change.args ?? { replicas: 3, service: "billing", steps: ["drain", "apply"] };
  const text = canonicalText(args);
  const canonicalArgs = must(text.ok ? text.value : null, "arguments have a canonical form");
  const argsHash = await sha256Text(canonicalArgs);
  const narrative = change.narrative === undefined ? "I am sure this is fine." : change.narrative;
  const claims: GateDetail["claims"] = {
    iss: row.agent,
    aud: ["spiffe://console.local/pep"],
    iat: row.openedAt,
    exp: row.openedAt + row.timeoutS,
    jti: row.request,
    wid: row.wid,
    task: {
      jti: "0195400c-0000-7000-8000-0000000000f1",
      exec_act: row.action,
      inp_hash: await sha256Text("inputs"),
      args_hash: argsHash,
      ...(row.target === null ? {} : { target: row.target }),
      ...(row.offersModify && isObject(args) ? { args } : {}),
      pred: [],
    },
    acp: { jti: "0195400c-0000-7000-8000-0000000000e1", hash: await sha256Text("policy") },
    rule_ids: ["r1"],
    role: row.role,
    approvals: row.approvals.required,
    consequence: row.consequence,
    explanation: {
      summary: narrative ?? "",
      alternatives: [...(change.alternatives ?? [])],
      evidence: [],
      confidence: change.confidence ?? null,
    },
    options: row.offersModify ? ["approve", "reject", "modify"] : ["approve", "reject"],
  };
  const { signer } = await generateSigner();
  const token = await signToken("hitl-request+jwt", claims, signer);
  const detail: GateDetail = {
    position: { domain: "console.local", size: 40, root: argsHash, atMs: 1_772_064_300_000 },
    row,
    claims,
    digest: await sha256Text(token),
    seq: Number.parseInt(row.request.slice(-2), 16),
    steps: [{ step: 1, check: "size", result: "passed" }],
    canonicalArgs,
    argsHash,
    rules: [
      {
        id: "r1",
        trigger: { kind: "consequence", at_least: "irreversible" },
        role: row.role,
        action: "approve",
        approvals: row.approvals.required,
        distinct_from_requester: true,
        timeout_s: row.timeoutS,
        reason_required: row.reasonRequired,
        explain: true,
        break_glass: row.breakGlassAllowed,
        commit_first: row.commitFirst,
      },
    ],
    narrative,
    node: null,
    responses: [],
    modified: null,
    predecessors: [
      {
        index: 3,
        name: "build",
        action: "build_image",
        agent: AGENT,
        state: 4,
        jti: "0195400c-0000-7000-8000-0000000000d1",
        seq: 14,
      },
    ],
    follows: { direct: 2, all: 5, names: ["smoke test", "announce"] },
    reach: {
      agents: [
        { agent: AGENT, tasks: 4, irreversible: 0 },
        { agent: "spiffe://console.local/agent/run/mailer", tasks: 1, irreversible: 1 },
      ],
      irreversible: ["announce"],
      limits: [
        { name: "resources", values: ["urn:cluster:*"] },
        { name: "domains", values: null },
        { name: "data_classes", values: null },
        { name: "protocols", values: null },
      ],
    },
    lineage: {
      policy: {
        jti: "0195400c-0000-7000-8000-0000000000e1",
        seq: 3,
        issuer: "spiffe://console.local/human/alice",
        holder: "spiffe://console.local/agent/run/planner",
        parent: null,
      },
      steps: [
        {
          node: "n1",
          agent: "spiffe://console.local/agent/run/planner",
          from: [],
          actions: ["*"],
          consequence: "reversible",
          narrowed: [{ name: "max_calls", value: "10", was: null }],
        },
        {
          node: "n2",
          agent: AGENT,
          from: ["n1"],
          actions: ["apply_*"],
          consequence: row.consequence,
          narrowed: [{ name: "max_calls", value: "3", was: "10" }],
        },
      ],
    },
    previous: change.previous ?? null,
    evidence: [
      { jti: "0195400c-0000-7000-8000-0000000000d1", source: "predecessor", seq: 14, level: 3 },
      { jti: "0195400c-0000-7000-8000-0000000000d2", source: "named", seq: null, level: 0 },
    ],
    decisions: [],
    entries: [],
  };
  return { detail, token };
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
