import { must } from "../../base/assert.ts";
import type { FactOf } from "../../engine/fact.ts";
import { roleProblem } from "../../engine/identity/roles.ts";
import type { Host } from "../../host/open-host.ts";
import { peekTyp } from "../../protocol/jose/compact.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { api, errorFor, valueOr } from "./base.ts";
import { leavingRefusal } from "./may-leave.ts";
import { withProgress } from "./with-progress.ts";

/** Who may take a file out of another domain's log, past its rules for questions [ours]. */
const MAY_TAKE_EVIDENCE: readonly string[] = ["auditor", "duty_manager", "safety_officer"];

/** Evidence packs: how one is made and verified is loaded when the first is asked for. */
export const evidenceHandlers = {
  evidence: api.audit.evidence.handler(async ({ context: { host: console }, input, errors }) => {
    const { token, domain = console.engine.ids.domain } = input;
    const isOwn = domain === console.engine.ids.domain;
    const host = isOwn ? console : await console.beside(domain);
    if (host === null) throw errorFor(refusal("domain_not_here", "no log of this domain can be read here"), errors);
    if (peekTyp(token) !== "evidence-request+jwt")
      throw errorFor(refusal("token_wrong_type", "an evidence-request+jwt is expected here"), errors);
    const kept = await leavingRefusal(console, domain);
    if (kept !== null) throw errorFor(kept, errors);
    const { receivedFromPerson } = await import("../../host/domains/introduced.ts");
    const { fact, verified } = valueOr(
      isOwn ? await host.engine.receive(token) : await receivedFromPerson(console.engine, host, token),
      errors,
    );
    if (fact.typ !== "evidence-request+jwt")
      throw errorFor(refusal("token_wrong_type", "an evidence-request+jwt is expected here"), errors);
    const { selection, iss } = fact.claims;
    const nowS = Math.floor(host.ports.clock.nowMs() / 1000);
    const about = { code: "evidence_role_denied", what: "evidence of another domain", claim: "role" };
    const denied = isOwn
      ? null
      : await console.engine.read((state) => roleProblem(state, iss, MAY_TAKE_EVIDENCE, nowS, about));
    if (denied !== null) throw errorFor(denied, errors);
    if (!isOwn && selection.kind === "workflow" && !(await hasWorkflow(host, selection.wid)))
      throw errorFor(refusal("workflow_unknown", "no record of such a workflow in this log"), errors);
    const problem = redactionProblem(fact.claims, await rowsOf(host));
    if (problem !== null) throw errorFor(problem, errors);
    const { exportPack } = await import("./evidence.ts");
    const { logged } = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    const { seq } = must(logged[0], "an accepted request is logged");
    return exportPack(host, { seq, hash: verified.digest, claims: fact.claims });
  }),

  verifyPack: api.audit.verifyPack.handler(async function* ({ context: { host }, input, signal, errors }) {
    const { verifyPackText } = await import("./verify-files.ts");
    const verified = yield* withProgress((progress, left) => verifyPackText(host, input.text, progress, left), signal);
    yield { type: "report" as const, ...valueOr(verified, errors) };
  }),
};

async function rowsOf({ index }: Host): Promise<ReturnType<Host["index"]["rows"]>> {
  await index.catchUp();
  return index.rows();
}

/**
 * XA-37: what others rest on is not taken out. A whole log has everything: whoever takes something out asks for a selection.
 * Refusals: `redaction_whole_log`, `entry_unknown`, `redaction_needed`.
 */
function redactionProblem(
  { redact = [], selection }: FactOf<"evidence-request+jwt">["claims"],
  rows: ReturnType<Host["index"]["rows"]>,
): Refusal | null {
  const no = (code: string, detail: string): Refusal => refusal(code, detail, { claim: "redact" });
  if (redact.length === 0) return null;
  if (selection.kind === "all")
    return no("redaction_whole_log", "a pack of the whole log has all of it: select what it is about");
  for (const seq of redact) {
    const typ = rows[seq]?.typ;
    if (typ === undefined) return no("entry_unknown", `there is no entry ${seq}`);
    if (typ === "wit+jwt" || typ === "acp+jwt")
      return no("redaction_needed", `entry ${seq} is an identity or a policy, which other entries rest on`);
  }
  return null;
}

async function hasWorkflow({ index }: Host, wid: string): Promise<boolean> {
  await index.catchUp();
  return index.rows().some((row) => row.wid === wid);
}
