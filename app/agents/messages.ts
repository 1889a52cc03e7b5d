import type { Consequence } from "../protocol/acp/claims.ts";
import type { IntentClaims } from "../protocol/ect/claims.ts";
import type { Signer } from "../protocol/jose/keys.ts";

/** One task as an agent is told of it. Everything an agent needs comes with each message, so that it keeps no state of its own. */
export interface AgentTask {
  readonly wid: string;
  readonly jti: string;
  readonly execAct: string;
  readonly inpHash: string;
  readonly argsHash: string;
  readonly outHash: string;
  readonly target: string | null;
  /** Finish-to-start predecessors, as jti; more than 100 are joined before the intent. */
  readonly pred: readonly string[];
  readonly acp: { readonly jti: string; readonly hash: string };
  readonly outcome: "success" | "failure";
  /** The agent's own words about the task, bounded. */
  readonly summary: string;
  /** What the recording says it used and touched: what its intent states (ECT-57). */
  readonly needs: NonNullable<IntentClaims["needs"]>;
}

export interface GateTermsMessage {
  readonly ruleIds: readonly string[];
  readonly role: string;
  readonly approvals: number;
  /** Each role needs its own approvals. */
  readonly roles: readonly { readonly role: string; readonly approvals: number }[];
  readonly consequence: Consequence;
  readonly timeoutS: number;
}

/** What the host tells an agent. */
export type ToAgent =
  | {
      readonly t: "agent";
      readonly agent: string;
      readonly signer: Signer;
      readonly flag: number;
      readonly pepId: string;
    }
  | {
      readonly t: "clock";
      readonly wid: string;
      readonly epochMs: number;
      readonly virtualMs: number;
      readonly speed: number;
    }
  | { readonly t: "ask"; readonly agent: string; readonly task: AgentTask }
  | { readonly t: "gate"; readonly agent: string; readonly task: AgentTask; readonly terms: GateTermsMessage }
  /** Work until this virtual time of the recording. */
  | { readonly t: "work"; readonly agent: string; readonly task: AgentTask; readonly endVirtualMs: number }
  /** State what was done; `pred` are the task's predecessors and the tasks it called. */
  | { readonly t: "report"; readonly agent: string; readonly task: AgentTask; readonly pred: readonly string[] }
  | {
      readonly t: "stop";
      readonly agent: string;
      readonly signal: { readonly jti: string; readonly hash: string };
      readonly operator: string;
    }
  /** After a release and a new start: the agent may work again. */
  | { readonly t: "revive"; readonly agent: string };

/** What an agent says. Tokens are its claims to be verified; the rest are hints of its mailbox. */
export type FromAgent =
  /** Of the worker itself: it holds the lock by which its end is seen, and agents may run in it. */
  | { readonly t: "ready" }
  | {
      readonly t: "intent";
      readonly agent: string;
      readonly wid: string;
      readonly task: string;
      /** Join ECTs the intent names: they go before it. */
      readonly joins: readonly string[];
      readonly token: string;
    }
  | {
      readonly t: "request";
      readonly agent: string;
      readonly wid: string;
      readonly task: string;
      readonly token: string;
    }
  | { readonly t: "worked"; readonly agent: string; readonly wid: string; readonly task: string }
  | {
      readonly t: "ect";
      readonly agent: string;
      readonly wid: string;
      readonly task: string;
      readonly joins: readonly string[];
      readonly token: string;
    }
  | { readonly t: "ack"; readonly agent: string; readonly token: string };

/** Where agents run: a pool of workers in the browser, the same thread elsewhere. */
export interface AgentPool {
  /** Makes an agent known; its private key stays non-extractable. */
  admit(agent: string, signer: Signer, pepId: string): void;
  send(message: Exclude<ToAgent, { t: "agent" } | { t: "clock" }>): void;
  clock(message: Extract<ToAgent, { t: "clock" }>): void;
  onMessage(listener: (message: FromAgent) => void): void;
  /** Raises the shared stop flag of an agent, where there is shared memory. */
  flag(agent: string): void;
  /** Ends the worker an agent runs in. Resolves once it is gone, with the other agents that ran there: they run elsewhere by then. */
  terminate(agent: string): Promise<readonly string[]>;
  /** Evidence about an agent that is not its word. */
  observe(agent: string): { readonly halted: boolean; readonly detail: string };
  readonly isolated: boolean;
  size(): { readonly workers: number; readonly agents: number };
  close(): void;
}
