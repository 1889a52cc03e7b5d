import type { Provenance } from "./provenance.ts";

/** What a type of token is, in plain words. */
export interface TokenKind {
  readonly name: string;
  readonly says: string;
  /** Where its type name and shape come from. */
  readonly mark: Provenance;
}

const ECT: TokenKind = {
  name: "Execution context token",
  says: "A workload says what it has done, on what input, after which other tasks. What it says of itself is signed, not thereby true.",
  mark: "draft:log",
};

/** By `typ`, normal form. Media-type names other than the ECT's are ours (docs/spec/README.md section 5). */
const KINDS: Readonly<Record<string, TokenKind>> = {
  "exec+jwt": ECT,
  "wimse-exec+jwt": { ...ECT, name: "Execution context token, legacy type of -00" },
  "intent+jwt": {
    name: "Intent",
    says: "An agent asks the enforcement point for permission before a task.",
    mark: "ours",
  },
  "record+jwt": {
    name: "Record",
    says: "The enforcement point states a fact of its own: that it permitted, refused, held or ended something, and why.",
    mark: "ours",
  },
  "acp+jwt": {
    name: "Agent context policy",
    says: "Who may do what in a workflow, with which limits, and when a human is needed.",
    mark: "ours",
  },
  "acp-revocation+jwt": {
    name: "Policy revocation",
    says: "A human takes a policy, and every policy derived from it, out of force.",
    mark: "ours",
  },
  "hitl-request+jwt": {
    name: "Request for a human",
    says: "An agent asks for a human decision about one exact action.",
    mark: "ours",
  },
  "hitl-decision+jwt": {
    name: "Human decision",
    says: "An operator decides about one request, for exactly the action that was shown.",
    mark: "ours",
  },
  "hitl-handling+jwt": {
    name: "Handling of a request",
    says: "An operator takes a request up, puts it away until a time, or answers its agent. It decides nothing.",
    mark: "ours",
  },
  "hitl-withdrawal+jwt": {
    name: "Withdrawal of a request",
    says: "The agent that asked needs no answer any more.",
    mark: "ours",
  },
  "hitl-review+jwt": {
    name: "Review of an approval",
    says: "Somebody else says whether an approval that one person gave alone was right.",
    mark: "ours",
  },
  "standing-grant+jwt": {
    name: "Standing grant",
    says: "An operator allows the next actions of one kind in advance, within limits and until a time.",
    mark: "ours",
  },
  "grant-revocation+jwt": {
    name: "Revocation of a grant",
    says: "A standing grant ends before its next use.",
    mark: "ours",
  },
  "audit-handoff+jwt": {
    name: "Audit handoff",
    says: "One domain's gateway hands the trail of a workflow on to another's.",
    mark: "ours",
  },
  "audit-countersign+jwt": {
    name: "Countersignature of a handoff",
    says: "The receiving gateway says whether it took a handoff. The sender could not have signed it.",
    mark: "ours",
  },
  "crossing-handling+jwt": {
    name: "Handling of a finding",
    says: "An operator gives a crossing or a gap to somebody, or says what became of it. It changes no trail.",
    mark: "ours",
  },
  "audit-query+jwt": {
    name: "Audit query",
    says: "A person asks other domains for what their trails have, and says what for. It is on record wherever it was asked.",
    mark: "ours",
  },
  "audit-query-decision+jwt": {
    name: "Decision about an audit query",
    says: "An operator of a domain says whether a question is answered that its gateway held back.",
    mark: "ours",
  },
  "domain-order+jwt": {
    name: "Order about a domain",
    says: "A person says what crosses a domain's border and who is shown what, or has what its records keep apart held or erased.",
    mark: "ours",
  },
  "audit-trail+jwt": {
    name: "Trail query result",
    says: "A domain's gateway answers a question from its own log, and counts what it keeps back. The records stand beside it.",
    mark: "ours",
  },
  "failure-signal+jwt": {
    name: "Failure signal",
    says: "Somebody tells that an agent fails, and whether it began there. Their word, weighed before it counts.",
    mark: "ours",
  },
  "circuit-state+jwt": {
    name: "Circuit state",
    says: "The owner of a breaker states whether calls to an agent pass.",
    mark: "ours",
  },
  "breaker-order+jwt": {
    name: "Order about a breaker",
    says: "An operator forces the breakers between two agents open, or releases them.",
    mark: "ours",
  },
  "evidence-request+jwt": {
    name: "Request for evidence",
    says: "A person asks for an evidence pack of this log and says what for. The export is thereby in the log.",
    mark: "ours",
  },
  "lease+jwt": {
    name: "Lease",
    says: "An operator lets one agent go on for a while. When it runs out the agent begins nothing new.",
    mark: "ours",
  },
  "rollback-request+jwt": {
    name: "Rollback request",
    says: "Tasks are to be undone: prepared first, then carried out, by one plan.",
    mark: "ours",
  },
  "rollback-result+jwt": {
    name: "Rollback result",
    says: "An agent answers a rollback: ready, done, or what stays changed. Its word, not a verification.",
    mark: "ours",
  },
  "residue-handling+jwt": {
    name: "Handling of what is left",
    says: "A person takes on what a rollback has left, gives it to somebody, or says that it is dealt with.",
    mark: "ours",
  },
  "usage-record+jwt": {
    name: "Usage record",
    says: "A metering point states what one task used, and who is charged for it. What a recording told is passed on, not measured again.",
    mark: "ours",
  },
  "tariff+jwt": {
    name: "Tariff",
    says: "Finance puts prices in force for what is charged to somebody.",
    mark: "ours",
  },
  "settlement+jwt": {
    name: "Settlement message",
    says: "One of two domains states what the other owes, accepts that, disputes it, or confirms that it is settled.",
    mark: "ours",
  },
  "usage-correction+jwt": {
    name: "Order of a correction",
    says: "Finance has a usage record corrected. The correction is a record of its own.",
    mark: "ours",
  },
  "ledger-import+jwt": {
    name: "Ledger taken in",
    says: "Finance takes the usage ledger of another domain in, under the key of that domain's log.",
    mark: "ours",
  },
  "behavior-profile+jwt": {
    name: "Behaviour profile",
    says: "A person puts in force what an agent may be expected to do. Whatever it does is held against it.",
    mark: "ours",
  },
  "behavior-order+jwt": {
    name: "Order about an agent",
    says: "A person puts an agent into quarantine, or lets it out again because something is different.",
    mark: "ours",
  },
  "bet+jwt": {
    name: "Behavioural evidence token",
    says: "An observer states what an agent did in a window. The verifier works its numbers out anew.",
    mark: "ours",
  },
  "ear+jwt": {
    name: "Appraisal result",
    says: "The verifier states how an agent behaved in a window, and why.",
    mark: "EAR",
  },
  "bench-order+jwt": {
    name: "Order of a benchmark",
    says: "A person has a benchmark run. Its profile, the digest of its tasks and the ids of all runs are fixed by it.",
    mark: "ours",
  },
  "bench-result+jwt": {
    name: "Result of a benchmark",
    says: "What a benchmark measured, with intervals, environment and what was otherwise than planned.",
    mark: "ours",
  },
  "override-cosign+jwt": {
    name: "Cosignature of an override",
    says: "A second operator signs the same signal.",
    mark: "ours",
  },
  "override+jwt": {
    name: "Override signal",
    says: "An operator stops, pauses or releases agents.",
    mark: "ours",
  },
  "override-ack+jwt": {
    name: "Override acknowledgement",
    says: "An agent answers a signal: what it will do, or what it has done. Its word, not a verification.",
    mark: "ours",
  },
  "override-compliance+jwt": {
    name: "Compliance report",
    says: "What the monitor has observed of a target after a signal.",
    mark: "ours",
  },
  "wit+jwt": {
    name: "Workload identity token",
    says: "Whose a key is: it binds an identity to a public key.",
    mark: "WIMSE",
  },
  "operator-enrolment+jwt": {
    name: "Enrolment proof",
    says: "Whoever enrols a key shows with it that they hold the private half.",
    mark: "ours",
  },
  "role-statement+jwt": {
    name: "Role statement",
    says: "What somebody may do in this log, until it ends or a newer one is made.",
    mark: "ours",
  },
  "trust-statement+jwt": {
    name: "Trust statement",
    says: "Which authority, client or key set this log believes about identities of other frameworks, or that it does no longer.",
    mark: "ours",
  },
  "exec-audit+jwt": {
    name: "Execution audit token",
    says: "A domain keeps the record of one task, decision or attempt: who acted, what came of it, and what that rests on.",
    mark: "ours",
  },
  "audit-sth+jwt": {
    name: "Signed tree head",
    says: "The log states its size and root.",
    mark: "ours",
  },
  "audit-receipt+jwt": {
    name: "Receipt",
    says: "The log states that a token is in it, with the proof of that.",
    mark: "ours",
  },
};

/** Null for a type that is not of the family, or not known here yet. */
export function kindOf(typ: string | null): TokenKind | null {
  return typ !== null && Object.hasOwn(KINDS, typ) ? (KINDS[typ] ?? null) : null;
}

/** A type that the specification names and this console does not verify yet: what it is called, and in which part of it. */
export interface SpecifiedKind {
  readonly name: string;
  /** File of docs/spec, without its ending. */
  readonly part: string;
}

const named = (part: string, names: Readonly<Record<string, string>>): readonly (readonly [string, SpecifiedKind])[] =>
  Object.entries(names).map(([typ, name]) => [typ, { name, part }]);

/** The table of docs/spec/README.md section 5, without the types that are verified here. */
const SPECIFIED: ReadonlyMap<string, SpecifiedKind> = new Map([
  ...named("consensus", {
    "proposal+jwt": "Proposal",
    "vote+jwt": "Vote",
    "decision+jwt": "Decision of a group",
    "capability+jwt": "Capability statement",
    "cap-agreement+jwt": "Capability agreement",
  }),
  ...named("override", { "heartbeat+jwt": "Heartbeat" }),
  ...named("federation-privacy", {
    "fl-consent+jwt": "Consent",
    "fl-update+jwt": "Model update",
    "fl-budget+jwt": "Budget statement",
    "fl-federation+jwt": "Federation",
    "migration+jwt": "Migration bundle",
    "migration-receipt+jwt": "Migration receipt",
  }),
]);

/** Null for a type that the specification does not name either. */
export function specifiedKindOf(typ: string | null): SpecifiedKind | null {
  return (typ === null ? undefined : SPECIFIED.get(typ)) ?? null;
}
