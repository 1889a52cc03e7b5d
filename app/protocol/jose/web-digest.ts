import { toBase64url, utf8 } from "../../base/bytes.ts";

/** Token digest by the platform, for a single token where no hash port is at hand (agents, the page). */
export async function webTokenDigest(compact: string): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(compact))));
}
