import { v4 } from "uuid";
import type { SignalboxClient } from "../../app/api/client/client.ts";
import { must } from "../../app/base/assert.ts";
import { toBase64url, utf8 } from "../../app/base/bytes.ts";
import { commonClaims } from "../../app/operator/claims.ts";
import type { Operator, OperatorSession } from "../../app/operator/session.ts";
import { fleetPolicy, fleetRun } from "../work/fleet.ts";

/** Workflows that a stop halts and that are started again, under a new policy each time, as the engine asks (S4). */
export interface Fleet {
  startAll(): Promise<void>;
}

export interface FleetShape {
  readonly workflows: number;
  /** Chains of short tasks in each workflow. */
  readonly chains: number;
  readonly tasksPerChain: number;
}

export async function createFleet(
  client: SignalboxClient,
  session: OperatorSession,
  shape: FleetShape,
): Promise<Fleet> {
  const operator = must(session.store.getState().operator, "the bench's operator is signed in");
  const run = await client.workflow.addRun(fleetRun(shape.chains, shape.tasksPerChain));
  const wids = Array.from({ length: shape.workflows }, () => v4());
  return {
    startAll: async () => {
      for (const wid of wids) {
        const tokens = await startTokens(session, operator, wid, run.digest);
        await client.workflow.start({ ...tokens, speed: 1 });
      }
    },
  };
}

async function startTokens(session: OperatorSession, operator: Operator, wid: string, run: string) {
  const common = (lifetimeS: number) => commonClaims({ iss: operator.subject, aud: operator.pepId, lifetimeS });
  const policy = {
    ...common(7200),
    ...fleetPolicy(operator.subject, operator.domain, wid),
    sub: operator.subject,
    wid,
  };
  const acp = await session.sign("acp+jwt", policy);
  const start = await session.sign("exec+jwt", {
    ...common(300),
    wid,
    exec_act: "run_start",
    pred: [],
    ect_ext: {
      obj_typ: "recorded-run+json",
      obj_id: "fleet",
      obj_hash: run,
      "org.signalbox.acp": { jti: policy.jti, hash: await digestOf(acp) },
    },
  });
  return { acp, start };
}

async function digestOf(token: string): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(token))));
}
