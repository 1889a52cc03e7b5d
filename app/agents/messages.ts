import type { Consequence, HitlRequestClaims } from "../protocol/acp/claims.ts";
import type { HitlWithdrawalClaims } from "../protocol/acp/handling.ts";
import type { PlanStep } from "../protocol/cascade/rollback-claims.ts";
import type { IntentClaims } from "../protocol/ect/claims.ts";
import type { PublicJwk } from "../protocol/identity/claims.ts";
import type { Signer } from "../protocol/jose/keys.ts";
import type { LinkLossPlan } from "../protocol/liveness/terms.ts";
import type { Fault } from "./drill/faults.ts";
import type { OwnQuestion } from "./evidence/question.ts";
import type { TaskEffect } from "./resources/effect.ts";
import type { ResourceDesk } from "./resources/resource-store.ts";

/** One task as an agent is told of it. Everything an agent needs comes with each message, so that it keeps no state of its own. */
export interface AgentTask {
  readonly wid: string;
  readonly jti: string;
  readonly execAct: string;
  readonly inpHash: string;
  readonly argsHash: string;
  /** The arguments themselves, where they are small enough to be changed by an approval; null otherwise. */
  readonly args: NonNullable<HitlRequestClaims["task"]["args"]> | null;
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
  /** What it does to the resources of a workflow whose agents act; null when it writes nothing, absent where none acts. */
  readonly effect?: TaskEffect | null;
  /** The benchmark it is done for, which its ECT says (BEH-16). */
  readonly bench?: string;
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

/** A signal as an agent needs it to acknowledge it. */
export interface Order {
  readonly jti: string;
  readonly hash: string;
  readonly operator: string;
}

/** What an agent is while a hold is on it and nothing of it goes on. */
export type HeldState = "paused" | "human_control" | "rolling_back" | "stopped";

/** What the host tells an agent. */
export type ToAgent =
  | {
      readonly t: "agent";
      readonly agent: string;
      readonly signer: Signer;
      readonly flag: number;
      readonly pepId: string;
      /** Of an agent of a drill: how it misbehaves, and which drill it is of. */
      readonly faults?: readonly Fault[];
      readonly drill?: string | null;
      /** The enforcement point's key: whose word is followed in a rollback. */
      readonly pepKey?: PublicJwk;
      /** It is there for a rollback alone: until it is revived it does nothing else. */
      readonly halted?: boolean;
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
  /**
   * State what was done; `pred` are the task's predecessors, the decisions that approved it and the tasks it called;
   * `argsHash` is of the arguments an approval changed, or null.
   */
  | {
      readonly t: "report";
      readonly agent: string;
      readonly task: AgentTask;
      readonly pred: readonly string[];
      readonly argsHash: string | null;
    }
  /** A request for a human is needed no more. */
  | {
      readonly t: "withdraw";
      readonly agent: string;
      readonly wid: string;
      readonly task: string;
      readonly request: { readonly jti: string; readonly hash: string };
      readonly settled: HitlWithdrawalClaims["settled"];
      readonly detail: string;
    }
  | {
      readonly t: "stop";
      readonly agent: string;
      readonly signal: { readonly jti: string; readonly hash: string };
      readonly operator: string;
    }
  /**
   * A pause, a takeover or an orderly stop: of one task, or of all. Tasks in `finishing` go on. `known` repeats one that was acknowledged
   * before, to an agent that was moved or started anew: it is obeyed and not acknowledged again.
   */
  | {
      readonly t: "hold";
      readonly agent: string;
      readonly order: Order;
      readonly task: string | null;
      readonly finishing: readonly string[];
      readonly state: HeldState;
      readonly known: boolean;
    }
  /** The hold `of` is over; `order` is the signal that ended it, or null where its time did. */
  | { readonly t: "unhold"; readonly agent: string; readonly of: string; readonly order: Order | null }
  /** An order that the enforcement point carries out, and the agent only has to know of. */
  | { readonly t: "tell"; readonly agent: string; readonly order: Order; readonly state: string }
  /**
   * A request of the coordinator to a participant (cascade.md C5). With `prepare` the whole plan comes beside it, and what
   * each step writes, by step; null with the others.
   */
  | {
      readonly t: "rollback";
      readonly agent: string;
      readonly token: string;
      readonly plan: { readonly steps: readonly PlanStep[]; readonly writes: readonly (readonly string[])[] } | null;
    }
  /** Advice of an operator: the agent may refuse it, and says why (OVR-10). */
  | { readonly t: "advise"; readonly agent: string; readonly order: Order }
  /** It is to let itself be heard, and what it does when nobody answers (L3). */
  | { readonly t: "link"; readonly agent: string; readonly plan: LinkLossPlan }
  /** Its heartbeat was heard. */
  | { readonly t: "heard"; readonly agent: string }
  /** It is asked for evidence of what it did (BEH-58). */
  | { readonly t: "evidence"; readonly agent: string; readonly question: OwnQuestion }
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
      /** Its ECT (ACP-14). */
      readonly node: string;
    }
  | {
      readonly t: "withdrawal";
      readonly agent: string;
      readonly wid: string;
      readonly task: string;
      readonly token: string;
    }
  /** Its work is over. `checkpoint`: the ECT of the state it has saved, of what its effect will write (CAS-10). */
  | {
      readonly t: "worked";
      readonly agent: string;
      readonly wid: string;
      readonly task: string;
      readonly checkpoint?: string;
    }
  | {
      readonly t: "ect";
      readonly agent: string;
      readonly wid: string;
      readonly task: string;
      readonly joins: readonly string[];
      readonly token: string;
    }
  | { readonly t: "ack"; readonly agent: string; readonly token: string }
  /** Its `bet+jwt`, or null where it cannot tell; `nonce` says what it was asked. */
  | { readonly t: "evidence"; readonly agent: string; readonly nonce: string; readonly token: string | null }
  /** Of all agents of one worker that are due, each signed by its own. */
  | { readonly t: "heartbeats"; readonly beats: readonly { readonly agent: string; readonly token: string }[] }
  /** A participant's answer, with the ECTs that go before it: that of a compensation. */
  | { readonly t: "rollback_result"; readonly agent: string; readonly token: string; readonly ects: readonly string[] }
  /** Nobody confirmed within 600 s: it has let go of its locks. */
  | { readonly t: "rollback_signal"; readonly agent: string; readonly token: string };

/** Where agents run: a pool of workers in the browser, the same thread elsewhere. */
export interface AgentPool {
  /**
   * Makes an agent known, in a drill with how it misbehaves and the drill it is of; its private key stays non-extractable.
   * `halted`: it does nothing but what a rollback asks of it, as if it had read a stop, until it is revived.
   */
  admit(
    agent: string,
    signer: Signer,
    pepId: string,
    faults?: readonly Fault[],
    drill?: string | null,
    halted?: boolean,
  ): void;
  /** Whether it runs here, so that it hears what is sent to it. */
  houses(agent: string): boolean;
  /** A drill is over: its agents end, with all that only they ran in. Nobody else is touched. */
  dismiss(drill: string): void;
  send(message: Exclude<ToAgent, { t: "agent" } | { t: "clock" }>): void;
  clock(message: Extract<ToAgent, { t: "clock" }>): void;
  /** What agents admitted from now on act on, and whose word they follow in a rollback. Without it they act on nothing. */
  serve(desk: ResourceDesk, pepKey: PublicJwk): void;
  onMessage(listener: (message: FromAgent) => void): void;
  /** Raises the shared stop flag of an agent, where there is shared memory. */
  flag(agent: string): void;
  /** Ends the worker an agent runs in. Resolves once it is gone, with the other agents that ran there: they run elsewhere by then. */
  terminate(agent: string): Promise<readonly string[]>;
  /** Evidence about an agent that is not its word. */
  observe(agent: string): { readonly halted: boolean; readonly detail: string };
  readonly isolated: boolean;
  /** Whether agents run in workers of their own, or in the thread of their host. */
  readonly place: "workers" | "thread";
  size(): { readonly workers: number; readonly agents: number };
  close(): void;
}
