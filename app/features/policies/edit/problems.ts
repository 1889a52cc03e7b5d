import type { DraftProblem } from "../../../protocol/acp/check-draft.ts";
import { type FormDocument, textOfValue } from "./form-document.ts";

/** What each code of P1 says, in plain words (docs/spec/acp-dag-hitl.md section d). */
const CODE_WORDS: Readonly<Record<string, string>> = {
  json_malformed: "This is not JSON.",
  token_too_large: "No token could hold it.",
  acp_claim_invalid: "Something is missing, has the wrong form, or contradicts another part.",
  acp_unknown_constraint: "Nobody here can check this limit, and a limit that is ignored protects nobody.",
  acp_dag_dangling: "A name stands for no node, or for two.",
  acp_dag_cycle: "Rights would be passed on in a circle.",
  acp_dag_unreachable: "A node has its rights from nobody.",
  acp_dag_too_deep: "Rights are passed on more often than the policy allows.",
  acp_dag_fanout: "One node passes rights on to more nodes than the policy allows.",
  acp_widening: "Passing on can only make rights and limits narrower.",
  acp_not_delegable: "A node passes rights on that may not.",
  acp_subject_mismatch: "The holder is not the agent of its own node.",
  acp_irreversible_ungated: "What cannot be undone would happen without a human.",
  acp_parent_missing: "The policy it derives from is not known.",
  acp_parent_mismatch: "It does not fit the policy it derives from.",
  acp_hitl_weakened: "A rule for a human is weaker than where it comes from.",
  acp_revoked: "It, or one it derives from, is revoked.",
  acp_pop_failed: "Its holder did not prove the key.",
};

export const codeWords = (code: string): string => CODE_WORDS[code] ?? "";

/** What a member must look like, where its check says it only for machines. */
const EXPECTED: Readonly<Record<string, string>> = {
  id: "a name of letters, digits, - and _, at most 32 characters",
  role: "a role of 1 to 64 characters",
  actions: "names of 1 to 65 characters, or beginnings that end in one *",
  patterns: "at least one name, or beginning that ends in one *",
  max_depth: "a whole number from 0 to 16",
  max_fanout: "a whole number from 1 to 64",
  timeout_s: "whole seconds from 5 to 86,400",
  after_s: "whole seconds, 1 or more",
  approvals: "a whole number from 1 to 5",
  max_calls: "a whole number, 0 or more",
  max_tokens: "a whole number, 0 or more",
  max_duration_s: "whole seconds, 0 or more",
  rate_per_min: "a number above 0",
  max_cost: "a plain amount such as 12.50",
  currency: "three capital letters such as EUR",
  min_level: "1, 2 or 3",
  min_trust: "a number from 0 to 1",
  not_before: "a time in whole seconds since 1970",
  not_after: "a time in whole seconds since 1970",
  nbf: "a time in whole seconds since 1970",
  exp: "a time in whole seconds since 1970",
  min: "a number from 0 to 1",
  below: "a number from 0 to 1",
  ratio: "a number above 0",
  sub: "an absolute URI",
  aud: "one or more absolute URIs",
  contact: "absolute URIs such as mailto:duty@ops.example",
  jkt: "the thumbprint of a key, 43 characters of base64url",
};

/** How a schema speaks of what it did not get. */
const OF_A_SCHEMA = /^(Invalid|Too (small|big)|Unrecognized)/;

/** What is wrong, for somebody who has never seen a schema. */
export function messageWords({ place, message }: DraftProblem): string {
  const member = place.split(".").findLast((part) => !/^\d+$/.test(part)) ?? "";
  const expected = Object.hasOwn(EXPECTED, member) ? EXPECTED[member] : undefined;
  return expected !== undefined && OF_A_SCHEMA.test(message) ? `expected: ${expected}` : message;
}

/** One line at its place: what is wrong, and the code under which the token would be refused. */
export const problemLine = (problem: DraftProblem): string => `${messageWords(problem)} (${problem.code})`;

const isAt = (place: string, path: string): boolean => place === path || place.startsWith(`${path}.`);

/** What is wrong at a place of the claims or below it, except below members that say it themselves. */
export function problemAt(
  problems: readonly DraftProblem[],
  path: string,
  except: readonly string[] = [],
): string | undefined {
  const found = problems.filter(
    ({ place }) => isAt(place, path) && !except.some((member) => isAt(place, `${path}.${member}`)),
  );
  return found.length === 0 ? undefined : found.map(problemLine).join(" · ");
}

/** Members as their fields are called. */
const MEMBER_WORDS: Readonly<Record<string, string>> = {
  agent: "agent",
  actions: "actions",
  consequence: "consequence",
  delegable: "may pass it on",
  from: "from",
  to: "to",
  kind: "kind",
  id: "name",
  trigger: "when",
  role: "role",
  action: "then",
  approvals: "approvals",
  timeout_s: "time to answer",
  on_timeout: "without an answer",
  after_s: "asked after",
};
const POLICY_WORDS: Readonly<Record<string, string>> = {
  "dag.root": "root",
  "dag.self": "node of the holder",
  "dag.max_depth": "how deep",
  "dag.max_fanout": "how wide",
  "hitl.default_on_timeout": "without an answer",
  "hitl.contact": "who is told",
  sub: "held by",
  aud: "addressed to",
  exp: "valid for",
  nbf: "not before",
  "cnf.jkt": "key of the holder",
};

/** Where a problem is, as the form calls it; the place itself where it has no field. */
export function placeWords(place: string, document: FormDocument | null): string {
  const [group, list, index, ...members] = place.split(".");
  const at = Number(index);
  const last = members.findLast((part) => !/^\d+$/.test(part));
  const member = last === undefined ? "" : `, ${MEMBER_WORDS[last] ?? last}`;
  const item = `${group}.${list}`;
  if (document !== null && index !== undefined && Number.isInteger(at)) {
    if (item === "dag.nodes") return `node ${textOfValue(document.dag.nodes[at]?.id)}${member}`;
    const edge = document.dag.edges[at];
    if (item === "dag.edges") return `edge ${textOfValue(edge?.from)} to ${textOfValue(edge?.to)}${member}`;
    if (item === "hitl.rules") return `rule ${at + 1}${member}`;
    if (item === "hitl.escalation") return `escalation step ${at + 1}${member}`;
  }
  const named = Object.keys(POLICY_WORDS).find((path) => isAt(place, path));
  return named === undefined ? place : (POLICY_WORDS[named] ?? place);
}

/** The node whose fields show a problem; null where they are shown whatever node is chosen. */
export function nodeOf(place: string, { dag }: FormDocument): string | null {
  const [, list, index] = place.split(".");
  if (list !== "nodes" && list !== "edges") return null;
  const at = Number(index);
  if (list === "nodes") return textOfValue(dag.nodes[at]?.id);
  const ends = [dag.edges[at]?.from, dag.edges[at]?.to];
  return textOfValue(dag.nodes.find(({ id }) => ends.includes(id))?.id);
}
