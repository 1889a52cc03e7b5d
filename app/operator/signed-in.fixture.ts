import type { SignalboxClient } from "../api/client/client.ts";
import { generateSigner } from "../protocol/jose/keys.ts";
import { createOperatorSession, type OperatorSession } from "./session.ts";

interface SignedIn {
  readonly subject: string;
  readonly name: string;
  readonly logId: string;
  readonly pepId: string;
}

/** Somebody is signed in, with an open key of an earlier profile, so that a pane has something to sign with. */
export async function signedIn(client: SignalboxClient, who: SignedIn): Promise<OperatorSession> {
  const { signer, jwk } = await generateSigner();
  const operator = { ...who, jwk, signer: { ...signer, kid: "k" }, domain: "console.local", authTime: 0 };
  const session = createOperatorSession({
    client,
    openKeyStore: async () => ({ load: async () => operator, save: async () => undefined, close: () => undefined }),
    nowMs: () => Date.now(),
    announce: () => undefined,
  });
  await session.load();
  return session;
}
