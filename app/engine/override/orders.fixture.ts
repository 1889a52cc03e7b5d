import { v4 } from "uuid";
import { must } from "../../base/assert.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { signalDigest } from "../../protocol/override/cosign.ts";
import { type Bench, ids, type Person, sha256 } from "../engine.fixture.ts";
import { agentState } from "./hold.ts";

const parseCompactPayload = (token: string) => {
  const parsed = parseCompact(token);
  return parsed.ok ? parsed.value.payload : null;
};

export const codeOf = (result: Awaited<ReturnType<Bench["submit"]>>): string =>
  result.ok ? "accepted" : result.error.code;

/** Gives orders to one workflow, each signal with the next number. */
export function orders(bench: Bench) {
  let seq = 0;
  const nowS = (): number => Math.floor(bench.clock.nowMs() / 1000);
  const claims = (action: string, change: object): object & { readonly jti: string } => {
    seq += 1;
    const made = {
      level: "mandatory",
      action,
      scope: { kind: "agent", id: bench.agentId },
      params: {},
      deadline_ms: 10_000,
      seq,
      jti: v4(),
      ...change,
    };
    return made;
  };
  const give = async (action: string, change: object = {}) => {
    const signed = claims(action, change);
    return { jti: signed.jti, code: codeOf(await bench.submit(await bench.stop(signed))) };
  };
  const giveAs = async (person: Person, action: string, change: object = {}) => {
    const signed = { ...claims(action, change), iss: person.id };
    const token = await signToken(
      "override+jwt",
      {
        aud: [ids.pepId],
        iat: nowS(),
        exp: nowS() + 300,
        ovr_ver: 1,
        reason: "said why",
        auth_time: nowS(),
        amr: ["pwd", "user"],
        role: "operator",
        ...signed,
      },
      person.signer,
    );
    return { jti: signed.jti, code: codeOf(await bench.submit(token)) };
  };
  /** A second person's signature over a signal of this content. */
  const cosigned = async (person: Person, action: string, change: object, cosign: object = {}) => {
    const signed = claims(action, change);
    const token = await bench.stop(signed);
    const parsed = must(parseCompactPayload(token), "a token");
    const hash = signalDigest(parsed, sha256);
    const second = await signToken(
      "override-cosign+jwt",
      {
        iss: person.id,
        aud: [ids.pepId],
        iat: nowS(),
        exp: nowS() + 300,
        jti: v4(),
        signal: { jti: signed.jti, hash: hash.ok ? hash.value : "" },
        auth_time: nowS(),
        amr: ["pwd", "user"],
        role: "operator",
        ...cosign,
      },
      person.signer,
    );
    return { jti: signed.jti, code: codeOf(await bench.submit(await bench.stop({ ...parsed, cosign: [second] }))) };
  };
  return {
    give,
    giveAs,
    cosigned,
    pause: (mode: "now" | "after_task" = "now", change: object = {}) => give("pause", { params: { mode }, ...change }),
    resume: (of: string, change: object = {}) => give("resume", { params: { of }, ...change }),
    state: () =>
      bench.engine.read((all) => agentState(all, must(all.workflows.get(bench.wid), "the workflow"), bench.agentId)),
    effect: async (name: string) => {
      const result = await bench.engine.submit({
        kind: "effect",
        wid: bench.wid,
        task: bench.task(name),
        latch: null,
      });
      const fact = result.ok ? result.value.logged.at(-1)?.fact : undefined;
      return fact?.typ === "record+jwt" ? fact.claims.kind : codeOf(result);
    },
    ask: async (name: string) => codeOf(await bench.submit(await bench.intent(bench.task(name), "build_site"))),
  };
}
