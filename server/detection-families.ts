import type { SequenceRule } from "../app/protocol/behavior/profile.ts";

/** Recordings of the same kind of work, among which each is judged by a profile learned from the others. */
export interface Family {
  readonly id: string;
  readonly title: string;
  /** Under e2e/fixtures, in the order of reading. */
  readonly files: readonly string[];
  /** Rules that a person wrote from the policy the agent was given, each with its sentence; nothing of it is learned. */
  readonly stated: readonly { readonly rule: SequenceRule; readonly sentence: string }[];
}

const AUTHENTICATE =
  "At the beginning of the conversation, you have to authenticate the user identity by locating their user id via email, or via name + zip code.";
const CHECK_STATUS =
  "…if its status is 'pending' [or 'delivered'], and you should check its status before taking the action.";
const NO_MORE = "…the agent will not be able to modify or cancel the order anymore.";

const precedes = (id: string, a: string, b: string): SequenceRule => ({ id, kind: "must_precede", a, b, severity: 3 });
/** The sentence is about one order: what was done to another does not count (BEH-63). */
const ORDER = { a: "/order_id", b: "/order_id" };
const neverAfter = (id: string, a: string, b: string): SequenceRule => ({
  ...{ id, kind: "never_after", a, b, severity: 3 },
  same: ORDER,
});

/** Out of the system prompt of the runs themselves (their step 1). */
const TAU_RETAIL: Family["stated"] = [
  { rule: precedes("authenticate-before-get", "find_user_id_by_*", "get_*"), sentence: AUTHENTICATE },
  { rule: precedes("authenticate-before-list", "find_user_id_by_*", "list_*"), sentence: AUTHENTICATE },
  { rule: precedes("authenticate-before-cancel", "find_user_id_by_*", "cancel_*"), sentence: AUTHENTICATE },
  { rule: precedes("authenticate-before-modify", "find_user_id_by_*", "modify_*"), sentence: AUTHENTICATE },
  { rule: precedes("authenticate-before-return", "find_user_id_by_*", "return_*"), sentence: AUTHENTICATE },
  { rule: precedes("authenticate-before-exchange", "find_user_id_by_*", "exchange_*"), sentence: AUTHENTICATE },
  { rule: precedes("look-before-cancel", "get_order_details", "cancel_*"), sentence: CHECK_STATUS },
  { rule: precedes("look-before-modify", "get_order_details", "modify_pending_*"), sentence: CHECK_STATUS },
  { rule: precedes("look-before-return", "get_order_details", "return_*"), sentence: CHECK_STATUS },
  { rule: precedes("look-before-exchange", "get_order_details", "exchange_*"), sentence: CHECK_STATUS },
  { rule: neverAfter("no-modify-after-items", "modify_pending_order_items", "modify_pending_*"), sentence: NO_MORE },
  { rule: neverAfter("no-cancel-after-items", "modify_pending_order_items", "cancel_*"), sentence: NO_MORE },
];

const MAGENTIC = [
  "2aa5dd83fbcd0dce9a3dd4592106e5b5edf738008d932e357d477bba80e59ccf",
  "748899d9d70c09beb3bd48ac8a3658bdcfd2f9114fe6dc4c4b8d2f9541ef4607",
  "929b45f34805280d77c61d1e093e3d4e551d77ddb6ecd73552b12b1af286388d",
];

export const FAMILIES: readonly Family[] = [
  {
    id: "tau-retail",
    title: "tau-bench retail (AgentRx): a customer-service agent with tools",
    files: ["agentrx-tau-retail/ground_truth.json", "agentrx-tau-retail/tau_failed.json"],
    stated: TAU_RETAIL,
  },
  {
    id: "magentic-one",
    title: "Magentic-One (AgentRx): an orchestrator and a web surfer",
    files: ["agentrx-magentic-one/ground_truth.json", ...MAGENTIC.map((name) => `agentrx-magentic-one/${name}.json`)],
    stated: [],
  },
  {
    id: "who-and-when",
    title: "Who&When: teams of experts who write and run code",
    files: ["107", "111", "117"].map((number) => `who-and-when/algorithm-generated-${number}.json`),
    stated: [],
  },
  {
    id: "spark",
    title: "Spark: four attempts of one application, none annotated",
    files: [1, 2, 3, 4].map((attempt) => `spark-eventlog/multiple_attempts_${attempt}.jsonl.gz`),
    stated: [],
  },
  {
    id: "blast",
    title: "WfCommons: two runs of one BLAST workflow, none annotated",
    files: ["001", "002"].map((number) => `wfinstances/blast-chameleon-small-${number}.json`),
    stated: [],
  },
];
