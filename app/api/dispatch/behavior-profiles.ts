import { refusal } from "../../protocol/jose/refusal.ts";
import { asOf } from "./as-of.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";
import { withProgress } from "./with-progress.ts";

/** Profiles: what there is, what is put in force, and what tells whether one is good before it is signed. */
export const behaviorProfileOperations = {
  profiles: api.behavior.profiles.use(asOf).handler(async ({ context: { host } }) => {
    const { profileRows } = await import("./behavior-profile-views.ts");
    const nowS = Math.floor(host.ports.clock.nowMs() / 1000);
    const profiles = await host.engine.read((state) => profileRows(state, nowS));
    return { position: await positionOf(host), profiles };
  }),

  seen: api.behavior.seen.handler(async ({ context: { host } }) => {
    const { seenIn } = await import("./behavior-profile-views.ts");
    return { position: await positionOf(host), ...(await seenIn(host)) };
  }),

  putProfile: api.behavior.putProfile.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "behavior-profile+jwt")
      throw errorFor(refusal("token_wrong_type", "a behavior-profile+jwt is expected here"), errors);
    const accepted = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    return { seq: accepted.logged[0]?.seq ?? 0, jti: fact.claims.jti };
  }),

  learn: api.behavior.learn.handler(async ({ context: { host }, input, errors, signal }) => {
    const { learnFrom } = await import("./behavior-learn.ts");
    return { position: await positionOf(host), ...valueOr(await learnFrom(host, input, signal), errors) };
  }),

  replay: api.behavior.replay.handler(async ({ context: { host }, input, errors, signal }) => {
    const { replayProfile } = await import("./behavior-replay.ts");
    return { position: await positionOf(host), ...valueOr(await replayProfile(host, input, signal), errors) };
  }),

  replaying: api.behavior.replaying.handler(async function* ({ context: { host }, input, errors, signal }) {
    const { replayProfile } = await import("./behavior-replay.ts");
    const replayed = yield* withProgress((told, left) => replayProfile(host, input, left, told), signal);
    yield {
      type: "answer" as const,
      answer: { position: await positionOf(host), ...valueOr(replayed, errors) },
    };
  }),
};
