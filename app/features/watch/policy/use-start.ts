import { useCallback, useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { toBase64url, utf8 } from "../../../base/bytes.ts";
import { commonClaims } from "../../../operator/claims.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import type { StartTerms } from "../../../protocol/liveness/terms.ts";
import type { ShownProblem } from "../../../ui/states.tsx";
import type { PreparedAnswer } from "../queries.ts";

/** How long the start token may take to arrive, seconds. */
const START_LIFETIME_S = 300;

export interface StartOrder {
  readonly claims: AcpClaims;
  /** The JSON the operator saw: what is signed is this, with its times moved to now. */
  readonly text: string;
  readonly prepared: PreparedAnswer;
  readonly digest: string;
  readonly speed: number;
  /** The workflow goes on after a stop. */
  readonly resume: boolean;
  /** Plans for a lost link, and who runs under a lease. */
  readonly liveness: StartTerms;
  /** Its agents act on resources that can be restored; only said where they do. */
  readonly acts: boolean;
}

/**
 * Signs the policy and the `run_start` ECT that names exactly it and the recorded run (COM-11), and starts. The policy's
 * lifetime counts from the signature, not from when the form was opened.
 */
export function useStart(onStarted: (wid: string) => void) {
  const { client } = useApi();
  const { operator, sign, confirmPresence } = useOperator();
  const [problem, setProblem] = useState<ShownProblem | null>(null);
  const [starting, setStarting] = useState(false);
  const start = useCallback(
    (order: StartOrder): void => {
      if (operator === null) return;
      const issue = async (): Promise<string> => {
        confirmPresence();
        const iat = Math.floor(Date.now() / 1000);
        const lifetime = order.claims.exp - order.claims.iat;
        const document = JSON.parse(order.text) as Record<string, unknown>;
        const acp = await sign("acp+jwt", { ...document, iat, exp: iat + lifetime });
        const claims = {
          ...commonClaims({ iss: operator.subject, aud: order.prepared.pepId, lifetimeS: START_LIFETIME_S }),
          wid: order.claims.wid,
          exec_act: "run_start",
          pred: [],
          ect_ext: {
            obj_typ: "recorded-run+json",
            obj_id: order.digest,
            obj_hash: order.digest,
            "org.signalbox.acp": { jti: order.claims.jti, hash: await digestOf(acp) },
            "org.signalbox.liveness": order.liveness,
            ...(order.acts ? { "org.signalbox.acts": true } : {}),
          },
        };
        const { wid } = await client.workflow.start({ acp, start: await sign("exec+jwt", claims), speed: order.speed });
        // A playback that was paused before the stop would look as if the start had done nothing.
        if (order.resume) await client.workflow.playback({ wid, paused: false });
        return wid;
      };
      setStarting(true);
      setProblem(null);
      issue().then(onStarted, (error: unknown) => {
        setProblem(problemOf(error));
        setStarting(false);
      });
    },
    [client, operator, sign, confirmPresence, onStarted],
  );
  return { start, problem, starting };
}

/** Token digest: base64url SHA-256 of the compact serialization. */
async function digestOf(compact: string): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(compact))));
}
