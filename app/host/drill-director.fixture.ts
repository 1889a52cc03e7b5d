import { v4 } from "uuid";
import type { enrolledOperator, TestClient } from "../api/dispatch/operator.fixture.ts";
import { toBase64url, utf8 } from "../base/bytes.ts";
import type { AcpClaimsInput } from "../protocol/acp/claims.ts";
import { DRILL_EXT } from "../protocol/drill/drill-mark.ts";
import { signToken } from "../protocol/jose/sign-token.ts";

type Operator = Awaited<ReturnType<typeof enrolledOperator>>;

const nowS = (): number => Math.floor(Date.now() / 1000);

/** Starts a drill as an operator does: a policy for its agents, and a start that says that it is one. */
export async function startDrill(
  client: TestClient,
  operator: Operator,
  script: string,
  size: number,
  change: { readonly mark?: object | null; readonly digest?: string } = {},
) {
  const wid = v4();
  const prepared = await client.drill.prepare({ script, size, wid });
  const common = (lifetimeS: number) => ({
    iss: operator.subject,
    aud: [prepared.pepId],
    iat: nowS(),
    exp: nowS() + lifetimeS,
    jti: v4(),
  });
  const actions = [prepared.action];
  const policy: AcpClaimsInput = {
    ...common(3600),
    sub: operator.subject,
    wid,
    acp_ver: 1,
    dag: {
      root: "op",
      self: "op",
      max_depth: 2,
      max_fanout: 64,
      nodes: [
        { id: "op", agent: operator.subject, actions, delegable: true },
        ...prepared.agents.map(({ agent }, at) => ({
          id: `a${at}`,
          agent,
          actions,
          delegable: prepared.agents.some(({ delegatedBy }) => delegatedBy === at),
        })),
      ],
      edges: prepared.agents.map(({ delegatedBy }, at) => ({
        from: delegatedBy === null ? "op" : `a${delegatedBy}`,
        to: `a${at}`,
        kind: "delegates" as const,
        actions,
      })),
    },
    hitl: { default_on_timeout: "deny", rules: [] },
  };
  const acp = await signToken("acp+jwt", policy, operator.signer);
  const mark = change.mark === undefined ? { script, size, again_days: 7 } : change.mark;
  const start = await signToken(
    "exec+jwt",
    {
      ...common(300),
      wid,
      exec_act: "run_start",
      pred: [],
      ect_ext: {
        obj_typ: "recorded-run+json",
        obj_id: "drill",
        obj_hash: change.digest ?? prepared.digest,
        "org.signalbox.acp": {
          jti: policy.jti,
          hash: toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(acp)))),
        },
        ...(mark === null ? {} : { [DRILL_EXT]: mark }),
      },
    },
    operator.signer,
  );
  const started = change.mark === null ? client.workflow.start({ acp, start }) : client.drill.start({ acp, start });
  await started;
  return { wid, agents: prepared.agents.map(({ agent }) => agent) };
}

/** Looks again and again, while the clock stands still or runs on by `passMs` before each look. */
export async function seen<T>(look: () => Promise<T | null>, pass: () => void = () => undefined): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    pass();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Every agent of a drill has begun with its first task. */
export const atWork = (client: TestClient, wid: string, size: number, pass: () => void) =>
  seen(async () => (((await client.workflow.get({ wid })).workflow.counts.running ?? 0) >= size ? true : null), pass);

/** A stop has been given and every agent it reaches has acknowledged it, in no time at all. */
export async function stopped(client: TestClient, operator: Operator, scope: { kind: string; id: string }) {
  const { jti } = await client.override.signal({ token: await operator.signal("stop", scope) });
  await seen(async () => {
    const signal = (await client.override.list()).signals.find((one) => one.jti === jti);
    return signal?.targets.every((target) => target.acknowledgedAtMs !== null) === true ? true : null;
  });
  return jti;
}

/** The score the log has of a drill, once the time for it has passed. */
export const scored = (client: TestClient, wid: string, pass: () => void) =>
  seen(async () => (await client.drill.state({ wid })).drill.score, pass);
