import { ownBet } from "../../agents/evidence/own-bet.ts";
import type { OwnQuestion } from "../../agents/evidence/question.ts";
import type { Clock, Ids, Sha256 } from "../../base/ports.ts";
import { sidecarOf } from "../../engine/behavior/decide-evidence.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ObservedTask } from "../../protocol/behavior/observed.ts";
import { generateSigner, type Signer } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { IDENTITY_LIFETIME_S } from "../identity-renewal.ts";
import type { EvidenceQuestion } from "./observers.ts";

/** The monitors beside agents, each with a key of its own from when it is first asked. */
export interface Sidecars {
  bet(question: OwnQuestion, seen: readonly ObservedTask[], prev: EvidenceQuestion["prev"]): Promise<string | null>;
}

export function createSidecars({
  engine,
  clock,
  ids,
  sha256,
}: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sha256: Sha256;
}): Sidecars {
  /** Not kept: after a restart a sidecar has seen nothing of the workflows that run, and says nothing of them. */
  const signers = new Map<string, Signer>();

  const signerOf = async (sidecar: string): Promise<Signer | null> => {
    const known = signers.get(sidecar);
    if (known !== undefined) return known;
    const { signer, jwk } = await generateSigner();
    const name = `Sidecar of ${sidecar.slice(sidecar.lastIndexOf("/") + 1)}`;
    const enrolled = await engine.submit({
      ...{ kind: "enrol", subject: sidecar, name, jwk, kid: signer.kid, lifetimeS: IDENTITY_LIFETIME_S },
    });
    if (!enrolled.ok) return null;
    signers.set(sidecar, signer);
    return signer;
  };

  return {
    bet: async (question, seen, prev) => {
      const iss = sidecarOf(question.agent);
      const nowS = Math.floor(clock.nowMs() / 1000);
      const asked = { ...question, prev: prev[iss] ?? null };
      const claims = ownBet(asked, seen, { iss, observer: "sidecar", nowS, jti: ids.uuid(), sha256 });
      const signer = claims === null ? null : await signerOf(iss);
      return claims === null || signer === null ? null : signToken("bet+jwt", claims, signer);
    },
  };
}
