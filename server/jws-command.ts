import * as z from "zod";
import { ok } from "../app/base/result.ts";
import { verifyJws } from "../app/protocol/jose/verify-jws.ts";
import { type Answer, type LineCommand, readLine } from "./lines.ts";

// Any value: a token that is no text and a key that is none are refused like all others, with their code.
const jwsSchema = z.strictObject({ jws: z.json(), jwk: z.json() });

const verify: Answer = async (line) => {
  const read = readLine(line, jwsSchema);
  if (!read.ok) return read;
  const verified = await verifyJws(read.value.jws, read.value.jwk);
  return ok(verified.ok ? { ok: true } : { ok: false, code: verified.error.code });
};

export const jwsCommand: LineCommand = {
  answer: verify,
  help: [
    "whether a JWS was signed by the holder of a key; nothing of what it says is looked at",
    '{"jws": compact serialization, "jwk": public key, P-256 for ES256 or Ed25519 for EdDSA}',
    "keys inside the header are ignored; use, key_ops and alg of the jwk have to allow it",
    'answer: {"ok": true}, or {"ok": false, "code"}: token_too_large, token_malformed, token_alg_forbidden,',
    "token_claim_invalid (the jwk is no usable public key), token_signature_invalid",
  ],
};
