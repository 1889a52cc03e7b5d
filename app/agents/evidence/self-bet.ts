import type { Clock, Ids } from "../../base/ports.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import type { Signer } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { ownBet } from "./own-bet.ts";
import type { OwnTasks } from "./own-tasks.ts";
import type { OwnQuestion } from "./question.ts";

/** An agent's own word about its window, signed by its key; null where it cannot tell. */
export async function selfBet(
  question: OwnQuestion,
  tasks: OwnTasks,
  { agent, signer }: { readonly agent: string; readonly signer: Signer },
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): Promise<string | null> {
  const seen = tasks.of(question.wid);
  if (seen === null || question.agent !== agent) return null;
  const sha256 = await createSha256();
  const nowS = Math.floor(clock.nowMs() / 1000);
  const claims = ownBet(question, seen, { iss: agent, observer: "self", nowS, jti: ids.uuid(), sha256 });
  return claims === null ? null : signToken("bet+jwt", claims, signer);
}
