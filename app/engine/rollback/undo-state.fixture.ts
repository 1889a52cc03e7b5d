import { v5 } from "uuid";
import type { IntentClaims } from "../../protocol/ect/claims.ts";
import { digestOf } from "../engine.fixture.ts";
import { initialState, type State, type TaskState, type WorkflowState } from "../state.ts";

export const START_S = 1_772_064_000;
export const WID = "0195400c-0000-7000-8000-00000000000a";

const AGENTS = 12;
export const jtiOf = (at: number): string => v5(`task ${at}`, WID);
export const agentOf = (at: number): string => `spiffe://console.local/agent/${WID}/agent-${at % AGENTS}`;
export const savedHash = (at: number): string => digestOf(uriOf(at));
const uriOf = (at: number): string => `store://${WID}/files/file-${at}.txt`;

/** One task: what it follows, what was declared, and whether a checkpoint was made before it. */
export interface Acted {
  readonly pred: readonly number[];
  readonly undo: NonNullable<IntentClaims["undo"]>;
  readonly saved: boolean;
}

/** A workflow whose tasks are done, each having written a file of its own. */
export function actedWorkflow(acted: readonly Acted[]): State {
  const state = initialState();
  const tasks = new Map<string, TaskState>();
  const ects: WorkflowState["ects"] = new Map();
  acted.forEach(({ pred: before, undo, saved }, at) => {
    const jti = jtiOf(at);
    const agent = agentOf(at);
    const pred = before.map(jtiOf);
    const uri = uriOf(at);
    const seq = at * 4;
    const ckptId = v5(`checkpoint ${at}`, WID);
    if (saved)
      state.checkpoints.set(ckptId, {
        ...{ ckptId, agent, wid: WID, scope: [uri], hash: savedHash(at), store: `store://${WID}/`, undo: "automatic" },
        ...{ cost: "0.10", usableUntilS: START_S + 86_400, madeAfter: null, position: seq, at: START_S },
      });
    const ect = { seq: seq + 3, digest: "", iss: agent, iat: START_S, execAct: "write", pred, ext: {} };
    ects.set(jti, ect);
    tasks.set(jti, {
      ...{ jti, agent, execAct: "write", status: "done", ruleIds: [], request: null, grant: null, ect },
      ...{ at: START_S, code: null, entries: [seq + 1, seq + 2, seq + 3] },
      intent: {
        ...{
          jti: v5(`intent ${at}`, WID),
          seq: seq + 1,
          at: START_S,
          digest: "",
          inpHash: "",
          argsHash: "",
          pred,
          target: null,
        },
        needs: { resources: [uri] },
        undo,
        acp: { jti: WID, hash: "" },
      },
    });
  });
  state.size = acted.length * 4;
  state.workflows.set(WID, {
    ...{ wid: WID, run: "", acp: WID, startSeq: 0, startedAt: START_S, startedBy: "", status: "running" },
    ...{ tasks, ects, halted: new Set(), agents: Array.from({ length: AGENTS }, (_, at) => agentOf(at)) },
    ...{ suspending: new Set(), usage: new Map(), drill: null, bench: null, acts: true },
  });
  return state;
}

/** Tasks of which each follows its last and its tenth last, and can be restored. */
export const longChain = (count: number): Acted[] =>
  Array.from({ length: count }, (_, at) => ({
    pred: [...new Set([at - 1, at - 10])].filter((earlier) => earlier >= 0),
    undo: { effect: true, kind: "automatic" },
    saved: true,
  }));
