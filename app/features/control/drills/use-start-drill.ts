import { useMutation } from "@tanstack/react-query";
import { v4 } from "uuid";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { must } from "../../../base/assert.ts";
import { toBase64url, utf8 } from "../../../base/bytes.ts";
import { commonClaims } from "../../../operator/claims.ts";
import { drillPolicy } from "../../../operator/drill-policy.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { DRILL_EXT } from "../../../protocol/drill/drill-mark.ts";
import type { ShownProblem } from "../../../ui/states.tsx";

/** How long the start token may take to arrive, s. */
const START_LIFETIME_S = 300;

export interface DrillOrder {
  readonly script: string;
  readonly size: number;
  /** Days after which it is to be drilled again. */
  readonly againDays: number;
}

export interface StartDrill {
  start(order: DrillOrder): void;
  readonly isBusy: boolean;
  readonly problem: ShownProblem | null;
}

/** Signs the policy of a drill and a start that says that it is one (OVR-25), and starts it. */
export function useStartDrill(onStarted: (wid: string) => void): StartDrill {
  const { client } = useApi();
  const { operator, sign, confirmPresence } = useOperator();
  const { mutate, isPending, error } = useMutation({
    mutationFn: async ({ script, size, againDays }: DrillOrder): Promise<string> => {
      const { subject } = must(operator, "somebody is signed in when a drill is started");
      const prepared = await client.drill.prepare({ script, size, wid: v4() });
      confirmPresence();
      const nowS = Math.floor(Date.now() / 1000);
      const policy = drillPolicy(prepared, { operator: subject, jti: v4(), nowS });
      const acp = await sign("acp+jwt", { ...policy });
      const start = await sign("exec+jwt", {
        ...commonClaims({ iss: subject, aud: prepared.pepId, lifetimeS: START_LIFETIME_S }),
        wid: prepared.wid,
        exec_act: "run_start",
        pred: [],
        ect_ext: {
          obj_typ: "recorded-run+json",
          obj_id: prepared.digest,
          obj_hash: prepared.digest,
          "org.signalbox.acp": { jti: policy.jti, hash: await digestOf(acp) },
          [DRILL_EXT]: { script, size, again_days: againDays },
        },
      });
      return (await client.drill.start({ acp, start })).wid;
    },
    onSuccess: onStarted,
  });
  return { start: mutate, isBusy: isPending, problem: error === null ? null : problemOf(error) };
}

/** Token digest: base64url SHA-256 of the compact serialization. */
async function digestOf(compact: string): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(compact))));
}
