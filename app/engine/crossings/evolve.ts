import { FINDING_KINDS } from "../../protocol/audit/crossing-handling.ts";
import type { LoggedFact } from "../fact.ts";
import type { State } from "../state.ts";
import type { FindingState } from "./finding-state.ts";

export function evolveFindings(state: State, { fact, seq, receivedAt: at }: LoggedFact): void {
  if (fact.typ === "record+jwt" && fact.claims.kind === "finding_flagged") {
    const { finding, item, code } = fact.claims.data;
    const kind = FINDING_KINDS.find((known) => known === finding) ?? "crossing";
    findingOf(state, String(item), kind).flagged = { code: String(code), at, seq };
  }
  if (fact.typ !== "crossing-handling+jwt") return;
  const { finding, item, code, verb, to, note, reason, iss: by } = fact.claims;
  const held = findingOf(state, item, finding);
  if (verb === "assign") held.assigned = { to: to ?? by, by, note: note ?? null, at, seq };
  else held.resolved = { code, by, reason: reason ?? "", at, seq };
}

function findingOf(state: State, item: string, kind: FindingState["kind"]): FindingState {
  const known = state.findings.get(item);
  if (known !== undefined) return known;
  const made: FindingState = { kind, flagged: null, assigned: null, resolved: null };
  state.findings.set(item, made);
  return made;
}
