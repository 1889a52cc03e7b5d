import { v5 } from "uuid";
import { must } from "../../base/assert.ts";
import type { BetClaims } from "../../protocol/behavior/evidence.ts";
import type { BehaviorOrderClaims } from "../../protocol/behavior/order.ts";
import { type ProfileBody, profileHash } from "../../protocol/behavior/profile.ts";
import { type Answer, agent, CascadeWorld, OPERATOR, verified, WID } from "../cascade/cascade-world.fixture.ts";
import { sha256 } from "../engine.fixture.ts";
import type { Fact } from "../fact.ts";
import { hostIds } from "../records.ts";
import * as behaviors from "./decide.ts";
import { windowAt } from "./decide-evidence.ts";
import { gatewayBet } from "./gateway-bet.ts";

export const IDS = hostIds("world.test");
export const standing = (name: string): string => `spiffe://world.test/agent/${name}`;
const WINDOW_S = 60;

/** May build and test, never leak; what is built is tested. */
export const profile: ProfileBody = {
  profile_id: "worker",
  version: 1,
  owner: "spiffe://world.test/owner",
  applies_to: ["spiffe://world.test/agent/*"],
  allowed_actions: ["build_site", "test_site", "ask_model"],
  forbidden_actions: ["leak_data"],
  sequences: [{ id: "build-before-test", kind: "must_precede", a: "build_site", b: "test_site", severity: 3 }],
  baseline: { action_freq: { build_site: 0.5, test_site: 0.5 } },
  window_s: WINDOW_S,
  min_samples: 2,
  thresholds: { warn: 0.02, fail: 0.5, drift_warn: 0.3, drift_fail: 0.7 },
  assurance: "standard",
};

/** A window's worth of conduct. */
export const CLEAN = ["build_site", "test_site"];
export const DRIFTING = ["build_site", "build_site", "test_site", "ask_model"];
export const WRONG = ["build_site", "delete_all", "test_site"];
export const LEAK = ["build_site", "leak_data"];

/** Agents under a profile, in one workflow, with the host's timers. */
export class BehaviorWorld extends CascadeWorld {
  override readonly later = { behavior: behaviors };
  #tasks = 0;
  #tokens = 0;

  putProfile(change: Partial<ProfileBody> = {}, claims: object = {}): Answer {
    const body = { ...profile, ...change };
    const said = { profile: body, hash: profileHash(body, sha256), reason: "agreed", role: "safety_officer" as const };
    return this.token({ typ: "behavior-profile+jwt", claims: { ...this.#said(), ...said, ...claims } });
  }

  orderAgent(order: BehaviorOrderClaims["order"], name: string, change: Partial<BehaviorOrderClaims> = {}): Answer {
    const said = { agent: standing(name), order, reason: "seen on the screen", role: "operator" as const };
    return this.token({ typ: "behavior-order+jwt", claims: { ...this.#said(), ...said, ...change } });
  }

  lease(name: string): Answer {
    const said = { wid: WID, agent: agent(name), duration_s: 600, role: "operator" as const };
    return this.token({ typ: "lease+jwt", claims: { ...this.#said(), ...said } });
  }

  /** Each as a task that was asked for; those that were permitted end well. */
  does(name: string, actions: readonly string[]): readonly Answer[] {
    return actions.map((act) => {
      this.#tasks += 1;
      const task = `${name}-${this.#tasks}`;
      const asked = this.ask(name, task, act);
      if ("logged" in asked) this.end(task);
      return asked;
    });
  }

  /** What it does in a window, and the judgement of it. */
  window(name: string, actions: readonly string[]): Answer | null {
    this.does(name, actions);
    this.pass(WINDOW_S);
    return this.judge(name);
  }

  /** The director's work: evidence of the enforcement point for the first window that is over, then the appraisal. */
  judge(name: string): Answer | null {
    const from = this.firstWindow(name);
    if (from === null) return null;
    this.witness(name, from);
    return this.submit({ kind: "appraise", agent: agent(name), from });
  }

  /** Begin of the first window that is over and not judged. */
  firstWindow(name: string): number | null {
    const instance = this.state.behavior.instances.get(agent(name));
    const from = instance?.closing[0]?.from ?? instance?.open?.from ?? null;
    return from === null || windowAt(this.state, agent(name), from, this.nowS) === null ? null : from;
  }

  /** Evidence of the enforcement point. */
  witness(name: string, from: number): Answer {
    return this.token({ typ: "bet+jwt", claims: this.bet(name, from) });
  }

  bet(name: string, from: number): BetClaims {
    const window = must(windowAt(this.state, agent(name), from, this.nowS), "a window that is over");
    return must(gatewayBet(this.state, window, IDS, this.moment()), "a profile");
  }

  verifiedOf(fact: Fact) {
    return verified(fact, "A".repeat(43));
  }

  moment() {
    return { nowS: this.nowS, nowMs: this.nowS * 1000, uuid: () => this.#jti(), sha256 };
  }

  of(name: string) {
    return must(this.state.behavior.agents.get(standing(name)), `${name} is known`);
  }

  /** Every change of its state, in order. */
  conductStory(name: string): readonly string[] {
    return this.of(name)
      .changes.filter(({ from, to }) => from !== to)
      .map(({ to, cause }) => `${to} ${cause}`);
  }

  #said() {
    const common = { iss: OPERATOR, aud: [IDS.pepId], iat: this.nowS, exp: this.nowS + 300, jti: this.#jti() };
    return { ...common, auth_time: this.nowS, amr: ["swk", "user"] };
  }

  #jti(): string {
    this.#tokens += 1;
    return v5(`token ${this.#tokens}`, WID);
  }
}
