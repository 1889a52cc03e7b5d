import { must } from "../../base/assert.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import { api, errorFor, valueOr } from "./base.ts";

/** Evidence packs: how one is made and verified is loaded when the first is asked for. */
export const evidenceHandlers = {
  evidence: api.audit.evidence.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "evidence-request+jwt")
      throw errorFor(refusal("token_wrong_type", "an evidence-request+jwt is expected here"), errors);
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
