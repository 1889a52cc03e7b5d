import { err, type Result } from "../../base/result.ts";
import type { ResourceDesk, StoreProblem } from "./resource-store.ts";

type Operation = keyof ResourceDesk;
/** What an agent asks of the store: an operation with what it is given. */
export type DeskCall = { [O in Operation]: { readonly op: O; readonly args: Parameters<ResourceDesk[O]> } }[Operation];
export type DeskAnswer = Result<unknown, StoreProblem>;

/** Answers a call, whatever it is. What the caller says of itself is replaced by who it is. */
export async function answerCall(desk: ResourceDesk, agent: string, call: DeskCall): Promise<DeskAnswer> {
  if (!Array.isArray(call?.args)) return NO_CALL;
  switch (call.op) {
    case "save":
      return desk.save({ ...call.args[0], agent });
    case "perform":
      return desk.perform({ ...call.args[0], agent });
    case "undo":
      return desk.undo({ ...call.args[0], agent });
    case "held":
      return desk.held(agent, call.args[1]);
    case "keep":
      return desk.keep(agent, call.args[1]);
    case "kept":
      return desk.kept(agent);
    case "lockedBy":
      return desk.lockedBy(...call.args);
    default:
      return NO_CALL;
  }
}

const NO_CALL: DeskAnswer = err({ code: "desk_message_invalid", detail: "this is not a call of the desk" });

/** The store as an agent has it: every operation is a message, and waits for its answer. */
export interface DeskClient extends ResourceDesk {
  answered(id: number, answer: DeskAnswer): void;
}

export function createDeskClient(post: (id: number, call: DeskCall) => void): DeskClient {
  const waiting = new Map<number, (answer: DeskAnswer) => void>();
  let calls = 0;
  const ask = <T>(call: DeskCall): Promise<Result<T, StoreProblem>> =>
    new Promise((resolve) => {
      calls += 1;
      // The host answers with what the same operation of its desk gives.
      waiting.set(calls, (answer) => resolve(answer as Result<T, StoreProblem>));
      post(calls, call);
    });
  return {
    save: (...args) => ask({ op: "save", args }),
    perform: (...args) => ask({ op: "perform", args }),
    held: (...args) => ask({ op: "held", args }),
    undo: (...args) => ask({ op: "undo", args }),
    keep: (...args) => ask({ op: "keep", args }),
    kept: (...args) => ask({ op: "kept", args }),
    lockedBy: (...args) => ask({ op: "lockedBy", args }),
    answered: (id, answer) => {
      const resolve = waiting.get(id);
      waiting.delete(id);
      resolve?.(answer);
    },
  };
}

/** The store as one agent has it where both live in one thread. */
export function boundDesk(desk: ResourceDesk, agent: string): ResourceDesk {
  const client = createDeskClient((id, call) => {
    void answerCall(desk, agent, call).then((answer) => client.answered(id, answer));
  });
  return client;
}
