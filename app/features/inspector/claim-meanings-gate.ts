import { type Meanings, ours, reference } from "./meaning.ts";

/** What goes on around a request, and leave given in advance (acp-dag-hitl.md ACP-37 to ACP-43). */
export const GATE_MEANINGS: Readonly<Record<string, Meanings>> = {
  "hitl-handling+jwt": {
    iss: ours("the operator who does it"),
    ...reference("request", "the request it is about"),
    verb: ours("what is done with it: taken up, put away, taken back, or its agent answered; never decided"),
    until: ours("when it comes back by itself"),
    text: ours("the operator's words for the agent"),
  },
  "hitl-withdrawal+jwt": {
    iss: ours("the agent that had asked"),
    ...reference("request", "the request that needs no answer any more"),
    settled: ours("how it settled otherwise"),
    detail: ours("the agent's own words about it"),
  },
  "hitl-review+jwt": {
    iss: ours("who looked at it afterwards"),
    ...reference("request", "the request that one person approved alone"),
    decision: ours("the approval that is reviewed"),
    verdict: ours("whether it was right to approve it alone"),
  },
  "standing-grant+jwt": {
    iss: ours("the operator who gives leave in advance"),
    exp: ours("until when it may be used"),
    ...reference("acp", "the policy it is under; with another version it is void"),
    agent: ours("the agent it is for"),
    exec_act: ours("the one action it is for"),
    rule_ids: ours("the rules it answers; with one more a human is asked all the same"),
    resources: ours("what the action may touch"),
    max_uses: ours("how many times it may be used"),
  },
  "grant-revocation+jwt": {
    iss: ours("who ends the grant"),
    ...reference("grant", "the standing grant that ends"),
  },
};
