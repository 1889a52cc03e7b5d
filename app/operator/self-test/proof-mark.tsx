import { useMinute } from "../../ui/clock.ts";
import { Ago } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { PROOF_LOOKS, proofState } from "./proof-state.ts";
import type { AgentProof } from "./use-self-test.ts";

/** Whether an agent is proven, and since when: what failed, was left open or is overdue is never shown as proven. */
export function ProofMark({ proof }: { readonly proof: AgentProof }) {
  const state = proofState(proof, useMinute());
  const at = state === "testing" || proof.last === null ? null : proof.last.at;
  return (
    <>
      <Mark {...PROOF_LOOKS[state]} />
      {at === null ? null : (
        <>
          {" "}
          <Ago sinceMs={at * 1000} />
        </>
      )}
    </>
  );
}
