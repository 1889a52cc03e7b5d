import { v4 } from "uuid";
import type { enrolledOperator, TestClient } from "../../api/dispatch/operator.fixture.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { selfTestPolicy } from "../../operator/self-test-policy.ts";
import { DRILL_EXT } from "../../protocol/drill/drill-mark.ts";
import { SELF_TEST } from "../../protocol/drill/self-test.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";

type Operator = Awaited<ReturnType<typeof enrolledOperator>>;

/** Signs for a self-test and starts it, as an operator does. */
export async function startSelfTest(
  client: TestClient,
  operator: Operator,
  agents: readonly string[],
  change: { readonly stopOf?: string; readonly releaseOf?: string; readonly of?: readonly string[] } = {},
): Promise<string> {
  const wid = v4();
  const prepared = await client.drill.prepareSelfTest({ agents: [...agents], wid });
  const nowS = Math.floor(Date.now() / 1000);
  const jti = v4();
  const named = prepared.agents.map(({ agent }) => agent);
  const policy = selfTestPolicy({ ...prepared, agents: named }, { operator: operator.subject, jti, nowS });
  const acp = await signToken("acp+jwt", policy, operator.signer);
  const hash = toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(acp))));
  const of = change.of ?? prepared.agents.map(({ name }) => name);
  const start = await signToken(
    "exec+jwt",
    {
      ...{ iss: operator.subject, aud: [prepared.pepId], iat: nowS, exp: nowS + 300, jti: v4() },
      ...{ wid, exec_act: "run_start", pred: [] },
      ect_ext: {
        ...{ obj_typ: "recorded-run+json", obj_id: prepared.digest, obj_hash: prepared.digest },
        "org.signalbox.acp": { jti, hash },
        [DRILL_EXT]: { script: SELF_TEST, size: of.length, again_days: 7, of },
      },
    },
    operator.signer,
  );
  const scope = { kind: "workflow", id: change.stopOf ?? wid };
  const signal = v4();
  const stop = await operator.signal("stop", scope, { jti: signal });
  const release = await operator.signal("release", scope, {
    params: { of: change.releaseOf ?? signal },
    seq: Date.now() + 1,
  });
  return (await client.drill.startSelfTest({ acp, start, stop, release })).wid;
}
