import { PROOF_LOOKS, type ProofLook, type ProofState, proofState } from "../../../operator/self-test/proof-state.ts";
import type { AgentProof } from "../../../operator/self-test/use-self-test.ts";

/**
 * The self-test of an agent as its tile has it: in colour only where it failed, was left open or is over. That one was never
 * tested is said by shape and word alone, or a fleet nobody has tested yet would hide whoever misbehaves in it (A9).
 */
export const TILE_PROOFS: Readonly<Record<ProofState, ProofLook>> = {
  failed: { ...PROOF_LOOKS.failed, label: "self-test failed" },
  open: { ...PROOF_LOOKS.open, label: "self-test open" },
  aged: { ...PROOF_LOOKS.aged, label: "proof aged" },
  never: { ...PROOF_LOOKS.never, tone: "neutral", label: "never tested" },
  testing: { ...PROOF_LOOKS.testing, tone: "neutral", label: "being tested" },
  proven: { ...PROOF_LOOKS.proven, tone: "neutral", label: "proven" },
};

/** What an agent's self-test comes to now; null where that is not known. */
export interface TileProof {
  readonly state: ProofState;
  /** When it was tested last, epoch ms. */
  readonly atMs: number | null;
}

export function tileProofs(proofs: readonly AgentProof[], nowMs: number): ReadonlyMap<string, TileProof> {
  return new Map(
    proofs.map((proof) => [
      proof.agent,
      { state: proofState(proof, nowMs), atMs: proof.last === null ? null : proof.last.at * 1000 },
    ]),
  );
}
