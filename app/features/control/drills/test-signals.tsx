import { useMutation } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import type { ProofView } from "../../../api/contract/drill.ts";
import { must } from "../../../base/assert.ts";
import { useOperatorSession } from "../../../operator/operator-context.tsx";
import { modifyClaims, pauseClaims, takeoverClaims } from "../../../operator/order-claims.ts";
import type { OverrideClaimsInput } from "../../../protocol/override/claims.ts";
import { Button } from "../../../ui/button.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { CONTROL_NAMES } from "./drill-words.ts";

type Tested = Exclude<ProofView["control"], "stop" | "release">;

const TESTED: readonly Tested[] = ["pause", "modify", "takeover"];
/** Of a takeover that takes no effect; it must name an end all the same. */
const TAKEOVER_S = 60;
/** Narrower than a drill's policy, which has no such limit. It takes no effect. */
const SOME_LIMIT = { max_calls: 1000 };

/** Gives an order in the test mode: heard of and acknowledged by every agent of the drill, with no effect (OVR-25). */
function useTestSignal(wid: string) {
  const session = useOperatorSession();
  const { client } = useApi();
  return useMutation({
    mutationFn: async (control: Tested): Promise<Tested> => {
      const operator = must(session.store.getState().operator, "somebody is signed in when an order is given");
      const nowMs = Date.now();
      const by = {
        operator,
        authTime: session.touch(),
        nowMs,
        scope: { kind: "workflow", id: wid } as const,
        reason: "test in a drill",
      };
      const claims: Readonly<Record<Tested, () => OverrideClaimsInput>> = {
        pause: () => pauseClaims({ ...by, mode: "now" }),
        modify: () => modifyClaims({ ...by, set: SOME_LIMIT, onlyNarrow: true }),
        takeover: () => takeoverClaims({ ...by, effectUntil: Math.floor(nowMs / 1000) + TAKEOVER_S }),
      };
      const order = claims[control]();
      const token = await session.sign("override+jwt", { ...order, params: { ...order.params, drill: true } });
      await client.override.signal({ token });
      return control;
    },
  });
}

/** The controls that a drill proves besides: by a signal that is acknowledged and does nothing. */
export function TestSignals({ wid }: { readonly wid: string }) {
  const test = useTestSignal(wid);
  return (
    <div className="space-y-1">
      <div className="flex flex-wrap items-center gap-2">
        <span>Test on its agents, without effect:</span>
        {TESTED.map((control) => (
          <Button writes key={control} size="sm" onPress={() => test.mutate(control)} isDisabled={test.isPending}>
            {CONTROL_NAMES[control]}
          </Button>
        ))}
      </div>
      {test.data === undefined ? null : (
        <p role="status">
          {CONTROL_NAMES[test.data]}: the test signal was given. It proves the way to the agents once all of them have
          acknowledged it.
        </p>
      )}
      {test.isError ? <ProblemNote problem={problemOf(test.error)} /> : null}
    </div>
  );
}
