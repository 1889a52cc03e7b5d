import { must } from "../../base/assert.ts";
import type { Host } from "../../host/open-host.ts";
import { peekTyp } from "../../protocol/jose/compact.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import { api, errorFor, valueOr } from "./base.ts";

/** Evidence packs: how one is made and verified is loaded when the first is asked for. */
export const evidenceHandlers = {
  evidence: api.audit.evidence.handler(async ({ context: { host: console }, input, errors }) => {
    const { token, domain = console.engine.ids.domain } = input;
    const isOwn = domain === console.engine.ids.domain;
    const host = isOwn ? console : await console.beside(domain);
    if (host === null) throw errorFor(refusal("domain_not_here", "no log of this domain can be read here"), errors);
    if (peekTyp(token) !== "evidence-request+jwt")
      throw errorFor(refusal("token_wrong_type", "an evidence-request+jwt is expected here"), errors);
    const { receivedFromPerson } = await import("../../host/domains/introduced.ts");
    const { fact, verified } = valueOr(
      isOwn ? await host.engine.receive(token) : await receivedFromPerson(console.engine, host, token),
      errors,
    );
    if (fact.typ !== "evidence-request+jwt")
      throw errorFor(refusal("token_wrong_type", "an evidence-request+jwt is expected here"), errors);
    const { selection } = fact.claims;
    if (!isOwn && selection.kind === "workflow" && !(await hasWorkflow(host, selection.wid)))
      throw errorFor(refusal("workflow_unknown", "no record of such a workflow in this log"), errors);
    const { exportPack } = await import("./evidence.ts");
    const { logged } = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    const { seq } = must(logged[0], "an accepted request is logged");
    return exportPack(host, { seq, hash: verified.digest, claims: fact.claims });
  }),

  verifyPack: api.audit.verifyPack.handler(async function* ({ context: { host }, input }) {
    const { verifyPackText } = await import("./evidence.ts");
    yield* verifyPackText(host, input.text);
  }),
};

async function hasWorkflow({ index }: Host, wid: string): Promise<boolean> {
  await index.catchUp();
  return index.rows().some((row) => row.wid === wid);
}
