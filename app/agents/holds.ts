import type { HeldState, Order, ToAgent } from "./messages.ts";

type HoldMessage = Extract<ToAgent, { t: "hold" }>;

/**
 * The pauses and takeovers an agent is under. Each is a hold of its own: taking one away frees exactly what no other one
 * covers (S13).
 */
export interface Holds {
  /** `working` are the tasks under way when it comes. Gives earlier orders that waited for what is suspended now. */
  add(message: HoldMessage, working: readonly string[]): readonly Order[];
  remove(signal: string): void;
  /** Whether nothing may be done for this task. */
  covers(task: string): boolean;
  /** Whether all that a hold lets end has ended. */
  isReached(signal: string): boolean;
  /** A task's work ended: the orders that are reached by it. */
  ended(task: string): readonly Order[];
  state(working: boolean): HeldState | "running" | "pausing" | "stopping";
}

interface Hold {
  readonly message: HoldMessage;
  /** Tasks that may end under it. */
  readonly finishing: ReadonlySet<string>;
  /** Of those, the ones under way that have not ended yet. */
  readonly open: Set<string>;
}

export function createHolds(): Holds {
  const holds = new Map<string, Hold>();
  const covers = (task: string): boolean => {
    for (const { message, finishing } of holds.values())
      if ((message.task === null || message.task === task) && !finishing.has(task)) return true;
    return false;
  };
  const ended = (task: string): readonly Order[] => {
    const reached: Order[] = [];
    for (const { message, open } of holds.values())
      if (open.delete(task) && open.size === 0 && !message.known) reached.push(message.order);
    return reached;
  };
  return {
    add: (message, working) => {
      const finishing = new Set(message.finishing);
      const added: Hold = { message, finishing, open: new Set() };
      holds.set(message.order.jti, added);
      for (const task of working) if (finishing.has(task) && !covers(task)) added.open.add(task);
      const suspended = working.filter(covers);
      return suspended.flatMap((task) => ended(task));
    },
    remove: (signal) => {
      holds.delete(signal);
    },
    covers,
    isReached: (signal) => (holds.get(signal)?.open.size ?? 0) === 0,
    ended,
    state: (working) => {
      const whole = [...holds.values()].filter(({ message }) => message.task === null);
      if (whole.length === 0) return "running";
      if (whole.some(({ message }) => message.state === "stopped")) return working ? "stopping" : "stopped";
      if (working) return "pausing";
      return whole.some(({ message }) => message.state === "human_control") ? "human_control" : "paused";
    },
  };
}
