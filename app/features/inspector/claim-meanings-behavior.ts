import { type Meaning, type Meanings, ours, reference } from "./meaning.ts";

const ear = (text: string): Meaning => ({ text, mark: "EAR" });

/** Profiles of conduct, evidence, results, and orders about agents (behavior.md section b). */
export const BEHAVIOR_MEANINGS: Readonly<Record<string, Meanings>> = {
  "behavior-profile+jwt": {
    profile: ours("what an agent may be expected to do"),
    "profile.profile_id": ours("which profile"),
    "profile.version": ours("which version of it; every change is a later one"),
    "profile.applies_to": ours("the agents it is about"),
    "profile.allowed_actions": ours("what they may do"),
    "profile.forbidden_actions": ours("what they may never do, whatever else allows it"),
    "profile.sequences": ours("what has to come before, after, or never after something else"),
    "profile.limits": ours("bounds of what is measured"),
    "profile.baseline": ours("how often each action is expected"),
    "profile.window_s": ours("how long a window of conduct is, seconds"),
    "profile.min_samples": ours("below so many tasks nothing is said of a window"),
    "profile.thresholds": ours("from which loss and drift a window is drifting, or nonconformant"),
    "profile.assurance": ours("how strictly it is observed"),
    hash: ours("object digest of exactly this text of it"),
  },
  "behavior-order+jwt": {
    agent: ours("the agent behind its ids in workflows"),
    order: ours("into quarantine, or out of it"),
    basis: ours("what is different now: a later version of its profile, or another build"),
    "basis.profile_id": ours("which profile"),
    "basis.version": ours("which version of it"),
    "basis.build": ours("which build, in the author's words"),
  },
  "bet+jwt": {
    iss: ours("who observed"),
    exec_act: ours("that it is evidence of conduct"),
    pred: ours("the last of the tasks that were observed"),
    ect_ext: ours("what a token has no room for, counted"),
    bet_ver: ours("version of this kind of token"),
    subject: ours("the agent that was observed, by its id in the workflow"),
    observer: ours("as what: the agent itself, beside it, another agent, or the enforcement point"),
    profile: ours("the profile it was held against, by id, version and digest"),
    window: ours("from when, and until before when"),
    counts: ours("how often it did what"),
    samples: ours("how many tasks that is"),
    violations: ours("the rules it broke, each with the task"),
    metrics: ours("what was measured"),
    compliance: ours("the share of what was due, by the observer's word; worked out anew by the verifier"),
    drift: ours("how far its mix of actions is from the expected one, likewise"),
    dag_root: ours("Merkle root over the tasks that were observed"),
    ...reference("prev_bet", "the evidence of this observer before it"),
    nonce: ours("the challenge it answers"),
  },
  "ear+jwt": {
    iss: ours("the verifier"),
    eat_profile: ear("that it is an attestation result"),
    "ear.verifier-id": ear("who made the verifier, and which build it is"),
    submods: ear("the appraisals, by name; of an agent its conduct, with the verdict and the reasons"),
    eat_nonce: ear("the challenge it answers"),
  },
};
