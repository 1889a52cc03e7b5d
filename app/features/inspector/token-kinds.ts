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
