import type { QueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import type { SignalboxClient } from "../../api/client/client.ts";
import type { PolicyRow } from "../../api/contract/policy.ts";
import type { OperatorSession } from "../../operator/session.ts";
import { signedIn } from "../../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../../operator/signed-in-pane.fixture.tsx";
import { type AcpClaims, acpClaimsSchema } from "../../protocol/acp/claims.ts";
import { compilePolicy } from "../../protocol/acp/compile-policy.ts";
import { PoliciesPane } from "./policies-pane.tsx";
import type { PoliciesSearch } from "./policies-search.ts";
import type { PolicyAnswer } from "./use-policy.ts";

export const WID = "0195400c-0000-7000-8000-00000000000a";
export const JTI = "0195400c-0000-7000-8000-0000000000b1";
export const OLD_JTI = "0195400c-0000-7000-8000-0000000000b2";
export const POSITION = { domain: "console.local", size: 120, root: "R".repeat(43), atMs: Date.now() };
const NOW_S = Math.floor(Date.now() / 1000);
const ALICE = "spiffe://console.local/human/alice";
const agent = (name: string): string => `spiffe://console.local/agent/${WID}/${name}`;
export const BUILDER = agent("builder");
export const DEPLOYER = agent("deployer");

/** An operator who delegates to two agents, one of which may do what cannot be undone. */
export const CLAIMS: AcpClaims = acpClaimsSchema.parse({
  iss: ALICE,
  sub: ALICE,
  aud: ["spiffe://console.local/pep"],
  iat: NOW_S - 60,
  exp: NOW_S + 7140,
  jti: JTI,
  wid: WID,
  acp_ver: 1,
  dag: {
    root: "op",
    self: "op",
    max_depth: 1,
    nodes: [
      { id: "op", agent: ALICE, actions: ["*"], delegable: true, constraints: { max_cost: "50.00", currency: "EUR" } },
      { id: "a0", agent: BUILDER, actions: ["build_*"], constraints: { max_calls: 10 } },
      { id: "a1", agent: DEPLOYER, actions: ["deploy_site"], consequence: "irreversible" },
    ],
    edges: [
      { from: "op", to: "a0", kind: "delegates", actions: ["build_*"] },
      { from: "op", to: "a1", kind: "delegates" },
    ],
  },
  hitl: {
    default_on_timeout: "deny",
    rules: [
      {
        id: "r1",
        trigger: { kind: "consequence", at_least: "irreversible" },
        role: "operator",
        action: "approve",
        approvals: 2,
        timeout_s: 600,
      },
    ],
  },
});

export const row = (change: Partial<PolicyRow> = {}): PolicyRow => ({
  jti: JTI,
  hash: "H".repeat(43),
  wid: WID,
  seq: 7,
  iss: ALICE,
  sub: ALICE,
  iat: CLAIMS.iat,
  exp: CLAIMS.exp,
  parent: null,
  replacedBy: null,
  replaces: null,
  inForce: true,
  revoked: null,
  workflow: { status: "running", runName: "Site build" },
  nodes: 3,
  rules: 1,
  ...change,
});

/** What the host says of a policy of which the builder has used up this many of its calls. */
export function answerOf(calls = 3, claims: AcpClaims = CLAIMS): PolicyAnswer {
  const nodes = claims.dag.nodes.map(({ id }) => ({
    id,
    constraints: (compilePolicy(claims).nodes.get(id)?.constraints ?? []).map(({ name, value, setBy }) => ({
      name,
      value: value as number,
      setBy,
      used: name === "max_calls" ? String(calls) : null,
      share: name === "max_calls" ? calls / Number(value) : null,
    })),
    usage: { calls: id === "a0" ? calls : 0, callsLastMinute: 0, cost: {}, tokens: 0, durationS: 0 },
  }));
  return {
    position: POSITION,
    policy: row({ jti: claims.jti }),
    claims,
    steps: [{ step: 1, check: "the signature is the issuer's", result: "passed" }],
    acceptance: { accepted: true, code: null, detail: null },
    nodes,
    actions: [
      { agent: BUILDER, execAct: "build_site", tasks: 3 },
      { agent: DEPLOYER, execAct: "deploy_site", tasks: 1 },
    ],
  };
}

type Policy = SignalboxClient["policy"];
/** The operations that these tests answer. */
type Asked = "list" | "get" | "decide" | "replay" | "revoke";
export type FakePolicies = { [Name in Asked]: (input: Parameters<Policy[Name]>[0]) => Promise<unknown> };

/** The URL as the router would keep it. */
// The theme is not loaded here, and the graph needs a size to be drawn.
const style = document.createElement("style");
style.textContent =
  ".h-80 { position: relative; height: 320px; width: 900px } .absolute.inset-0 { position: absolute; inset: 0 }";
document.head.append(style);

export const url: { now: PoliciesSearch } = { now: {} };

function Bench({ first }: { readonly first: PoliciesSearch }) {
  const [search, setSearch] = useState<PoliciesSearch>(first);
  const change = useCallback((patch: Partial<PoliciesSearch>) => setSearch((now) => ({ ...now, ...patch })), []);
  url.now = search;
  return (
    <main style={{ display: "flex", flexDirection: "column", height: "100vh" }}>
      <PoliciesPane search={search} setSearch={change} />
    </main>
  );
}

/** Signed in, so that something can be signed. */
const aliceSignedIn = (client: SignalboxClient): Promise<OperatorSession> =>
  signedIn(client, {
    subject: ALICE,
    name: "Alice",
    logId: "spiffe://console.local/log",
    pepId: "spiffe://console.local/pep",
  });

/** Operations that only some tests answer, by their part of the contract. */
export interface MoreAnswers {
  readonly policy?: object;
  readonly gate?: object;
  readonly workflow?: object;
}

export async function show(
  policies: FakePolicies,
  first: PoliciesSearch = {},
  more: MoreAnswers = {},
): Promise<QueryClient> {
  // The queries keep the function they were made of; a test may replace what it does.
  const policy: FakePolicies = {
    list: (input) => policies.list(input),
    get: (input) => policies.get(input),
    decide: (input) => policies.decide(input),
    replay: (input) => policies.replay(input),
    revoke: (input) => policies.revoke(input),
  };
  const identity = { describe: async () => ({ operators: [{ kid: "k" }] }) };
  const gate = { queue: async () => ({ position: POSITION, rows: [], pending: 0 }), ...more.gate };
  const client = {
    ...{ policy: { ...policy, ...more.policy }, gate, workflow: more.workflow, identity },
  } as unknown as SignalboxClient; // The client's type is a proxy's, which a plain object never is.
  const session = await aliceSignedIn(client);
  const queries = renderSignedIn(client, session, <Bench first={first} />);
  return queries;
}
