import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { must } from "../../base/assert.ts";
import { type Algorithm, generateSigner, importPublicKey, type Signer, type TrustedKey } from "../jose/keys.ts";
import { signToken } from "../jose/sign-token.ts";
import type { EctContext } from "./ect-context.ts";
import { createEctMemory, type EctMemory } from "./known-ects.ts";
import { knownEct, verifyEct } from "./verify-ect.ts";

/** The values of ect.md section (g). */
export const PLANNER = "spiffe://ops.example/agent/planner";
export const EXECUTOR = "spiffe://ops.example/agent/executor";
export const EXAMPLE_JWK = {
  kty: "EC",
  crv: "P-256",
  x: "q3ia4Y9KuRkJKgMZR12a7pO52fVeQqkVIGl4tkD8FtQ",
  y: "5tN1RC2cjMHTvmgutCay4Tq-6llAPU0B5DsEGgpHa2k",
} as const;
export const EXAMPLE =
  "eyJhbGciOiJFUzI1NiIsInR5cCI6ImV4ZWMrand0Iiwia2lkIjoiYWdlbnQtYS0yMDI2In0.eyJpc3MiOiJzcGlmZmU6Ly9vcHMuZXhhbXBsZS9hZ2VudC9wbGFubmVyIiwiYXVkIjpbInNwaWZmZTovL29wcy5leGFtcGxlL2FnZW50L2V4ZWN1dG9yIiwic3BpZmZlOi8vb3BzLmV4YW1wbGUvbGVkZ2VyIl0sImlhdCI6MTc3MjA2NDAwMCwiZXhwIjoxNzcyMDY0NjAwLCJqdGkiOiIwMTk1NDAwYy0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEiLCJ3aWQiOiIwMTk1NDAwYy0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMGEiLCJleGVjX2FjdCI6InBsYW5fY2hhbmdlIiwicHJlZCI6W10sImlucF9oYXNoIjoicndvN2FwLUVhNk5wSXRYcF9WQjN6TjNCdW1NMVY5LXRKd2M5UW4tc1lDWSIsIm91dF9oYXNoIjoieTlpOG9EZzNsN3Fnek1kZWN1aE5lRENoS1ZfVDRYaE8zWXlTMnY3Q251RSIsImVjdF9leHQiOnsicG9sIjoiY2hhbmdlLXBvbGljeS12MyIsInBvbF9kZWNpc2lvbiI6ImFwcHJvdmVkIiwicG9sX2VuZm9yY2VyIjoic3BpZmZlOi8vb3BzLmV4YW1wbGUvcGRwIn19.xgMnoVGrS7K8t23wEbxa9z_tyFSqhB03W_IoiA-0yoPU7y5WaTHQXHh-V3n-bCG27V4kSll9_zSucRb3OZ_2iA";
export const EXAMPLE_CHILD =
  "eyJhdWQiOlsic3BpZmZlOi8vb3BzLmV4YW1wbGUvbGVkZ2VyIl0sImV4ZWNfYWN0IjoiYXBwbHlfY2hhbmdlIiwiZXhwIjoxNzcyMDY0NjMwLCJpYXQiOjE3NzIwNjQwMzAsImlucF9oYXNoIjoieTlpOG9EZzNsN3Fnek1kZWN1aE5lRENoS1ZfVDRYaE8zWXlTMnY3Q251RSIsImlzcyI6InNwaWZmZTovL29wcy5leGFtcGxlL2FnZW50L2V4ZWN1dG9yIiwianRpIjoiMDE5NTQwMGMtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAyIiwib3V0X2hhc2giOiJRR0x0cjNVUHVBZE9mb1BneVFLTWxPTWthS2kyOFdGSGRES084RVVWRDVNIiwicHJlZCI6WyIwMTk1NDAwYy0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEiXSwid2lkIjoiMDE5NTQwMGMtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDBhIn0";
export const EXAMPLE_IAT = 1_772_064_000;
export const NOW = EXAMPLE_IAT + 10;
export const WID = "0195400c-0000-7000-8000-00000000000a";
export const OTHER_WID = "0195400c-0000-7000-8000-00000000000b";

/** Distinct task ids by number. */
export function taskId(number: number): string {
  return `0195400c-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
}

export const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);

export async function exampleKey(): Promise<TrustedKey> {
  const imported = await importPublicKey(EXAMPLE_JWK);
  const { alg, key } = must(imported.ok ? imported.value : null, "the example key imports");
  return { kid: "agent-a-2026", subject: PLANNER, alg, key, revokedAt: null };
}

export interface Identity {
  readonly signer: Signer;
  readonly key: TrustedKey;
}

export async function identityOf(subject: string, alg: Algorithm = "ES256"): Promise<Identity> {
  const { signer, jwk } = await generateSigner(alg);
  const imported = await importPublicKey(jwk);
  const { key } = must(imported.ok ? imported.value : null, "a new key imports");
  return { signer, key: { kid: signer.kid, subject, alg, key, revokedAt: null } };
}

/** A verifier with a store and a replay cache of its own, which `accept` fills as an engine would. */
export function createVerifier(keys: readonly TrustedKey[], change: Partial<EctContext> = {}) {
  const known: EctMemory = createEctMemory();
  const scopes = new Set<string>();
  const context: EctContext = {
    nowS: NOW,
    ownIds: [EXECUTOR],
    resolveKey: (kid) => keys.find((key) => key.kid === kid),
    seen: (scope) => scopes.has(scope),
    sha256,
    known,
    ...change,
  };
  const code = async (input: string, more: Partial<EctContext> = {}): Promise<string> => {
    const verified = await verifyEct(input, { ...context, ...more });
    return verified.ok ? "accepted" : verified.error.code;
  };
  const accept = async (input: string, more: Partial<EctContext> = {}) => {
    const verified = await verifyEct(input, { ...context, ...more });
    const ect = must(
      verified.ok ? verified.value : null,
      verified.ok ? "" : `accepted, not ${verified.error.code}: ${verified.error.detail}`,
    );
    known.add(knownEct(ect));
    const { jti, wid } = ect.claims;
    scopes.add(wid === undefined ? `ect ${jti}` : `ect ${wid} ${jti}`);
    return ect;
  };
  return { context, known, code, accept };
}

/** Claims of a task, valid at `NOW`. */
export function claimsOf(number: number, change: object = {}): Record<string, unknown> {
  return {
    iss: PLANNER,
    aud: EXECUTOR,
    iat: EXAMPLE_IAT,
    exp: EXAMPLE_IAT + 600,
    jti: taskId(number),
    wid: WID,
    exec_act: "plan_change",
    pred: [],
    ...change,
  };
}

export function signEct(identity: Identity, number: number, change: object = {}, typ = "exec+jwt"): Promise<string> {
  return signToken(typ, claimsOf(number, change), identity.signer);
}
