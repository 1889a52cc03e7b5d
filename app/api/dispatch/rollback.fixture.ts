import { v4 } from "uuid";
import { must } from "../../base/assert.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { signalDigest } from "../../protocol/override/cosign.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";
import { type enrolledOperator, smallRun, type TestClient } from "./operator.fixture.ts";

type Operator = Awaited<ReturnType<typeof enrolledOperator>>;
type Aim = Parameters<TestClient["rollback"]["rehearse"]>[0];

const DAY_MS = 86_400_000;
const nowS = (): number => Math.floor(Date.now() / 1000);

/** Builds in a chain of which each writes one file; with `lasting`, one at the end that takes so long that nothing is over. */
export function writingRun(count: number, lasting: boolean): RecordedRun {
  const run = smallRun("Builds", lasting ? count + 1 : count);
  const tasks = run.tasks.filter((task) => task.action !== "deploy_site");
  return {
    ...run,
    tasks: tasks.map((task, at) => (at < count ? task : { ...task, durationMs: DAY_MS })),
    agents: run.agents.filter((agent) => agent.id === "builder"),
    makespanMs: count * 1000 + (lasting ? DAY_MS : 0),
  };
}

/** Starts a run whose agents act on resources. */
export const startActing = (operator: Operator, run: RecordedRun) =>
  operator.start(run, { speed: 1000, ext: () => ({ "org.signalbox.acts": true }) });

/** An order that its operator has signed, with the signature of a second one. */
export async function signedByTwo(order: string, first: Operator, second: Operator, pepId: string): Promise<string> {
  const alone = parseCompact(order);
  const claims = must(alone.ok ? alone.value.payload : null, "a token");
  const digest = signalDigest(claims, await createSha256());
  const cosign = await signToken(
    "override-cosign+jwt",
    {
      iss: second.subject,
      aud: [pepId],
      iat: nowS(),
      exp: nowS() + 300,
      jti: v4(),
      signal: { jti: claims.jti, hash: digest.ok ? digest.value : "" },
      auth_time: nowS(),
      amr: ["swk", "user"],
      role: "operator",
    },
    second.signer,
  );
  return signToken("override+jwt", { ...claims, cosign: [cosign] }, first.signer);
}

/** The order of two people over what is rehearsed now. */
export async function orderOfTwo(client: TestClient, first: Operator, second: Operator, aim: Aim) {
  const { plan } = await client.rollback.rehearse(aim);
  const { pepId } = await client.identity.describe();
  const alone = await first.signal(
    "release",
    { kind: "workflow", id: aim.wid },
    {
      action: "rollback",
      deadline_ms: 10_000,
      params: {
        target: aim.target,
        ...(aim.keepTarget ? { keep_target: true } : {}),
        best_effort: aim.bestEffort,
        plan_hash: plan.planHash,
      },
    },
  );
  return { plan, token: await signedByTwo(alone, first, second, pepId) };
}

/** What a person says of a rollback as it is shown to them now: that nothing more is begun, or that they have seen what is left. */
export async function orderAbout(
  client: TestClient,
  person: Operator,
  rbId: string,
  phase: "abort" | "confirm",
  change: object = {},
): Promise<string> {
  const { rollback, authority, revision } = await client.rollback.show({ rbId });
  const { pepId } = await client.identity.describe();
  return signToken(
    "rollback-request+jwt",
    {
      ...{ iss: person.subject, aud: [pepId], iat: nowS(), exp: nowS() + 300, jti: v4() },
      ...{ rb_id: rbId, wid: rollback.wid, target: rollback.target, keep_target: rollback.keepTarget, phase },
      ...{ plan_hash: rollback.planHash, reason: "seen", authority, deadline: nowS() + 300 },
      best_effort: rollback.bestEffort,
      ...{ auth_time: nowS(), amr: ["swk", "user"], role: "operator" },
      ...(phase === "confirm" ? { revision } : {}),
      ...change,
    },
    person.signer,
  );
}

/** What a person did by hand for a step. */
export async function byHand(client: TestClient, person: Operator, rbId: string, n: number, change: object) {
  const { rollback, steps } = await client.rollback.show({ rbId });
  const { pepId } = await client.identity.describe();
  return signToken(
    "rollback-result+jwt",
    {
      ...{ iss: person.subject, aud: [pepId], iat: nowS(), exp: nowS() + 300, jti: v4() },
      ...{ rb_id: rbId, plan_hash: rollback.planHash, phase: "execute", n, task: steps[n - 1]?.task },
      ...{ status: "done", residue: [] },
      ...change,
    },
    person.signer,
  );
}
