import { pack } from "@sd-jwt/core";
import * as z from "zod";
import { fromBase64url, fromUtf8, toBase64url, utf8 } from "../../base/bytes.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { parseStrictJson } from "../jcs/strict-json.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";

/** Claims that every reader of a trail is shown; the members that carry the digests themselves are none to hide either. */
export const NEVER_DISCLOSABLE: readonly string[] = [
  ...["iss", "iat", "exp", "jti", "wid", "pred", "exec_act", "stitch", "level", "aud"],
  ...["_sd", "_sd_alg", "..."],
];

/** A salt has at least 128 bits: as many base64url characters. */
const SALT_CHARS = 22;
const SALT_BYTES = 16;

/** One claim that is kept apart from its token: what is sent of it, and what it says. */
export interface Disclosure {
  /** base64url of the JSON array `[salt, name, value]`. */
  readonly encoded: string;
  readonly salt: string;
  readonly name: string;
  readonly value: Json;
}

const tripleSchema = z.tuple([
  z
    .string()
    .min(SALT_CHARS)
    .max(256)
    .regex(/^[A-Za-z0-9_-]+$/),
  z.string().min(1).max(64),
  z.json(),
]);

/** Reads one disclosure as it was sent. Refusal: `sd_malformed`, also where its salt is shorter than 128 bits. */
export function readDisclosure(encoded: string): Result<Disclosure, Refusal> {
  const bytes = fromBase64url(encoded);
  const text = bytes === null ? null : fromUtf8(bytes);
  const json = text?.ok === true ? parseStrictJson(text.value) : null;
  const triple = tripleSchema.safeParse(json?.ok === true ? json.value : null);
  if (!triple.success) return err(refusal("sd_malformed", "a disclosure is a salt of 128 bits, a name and a value"));
  const [salt, name, value] = triple.data;
  return ok({ encoded, salt, name, value });
}

/** Digest of a disclosure: of its text as it was sent, never of what it means. */
export function disclosureDigest(encoded: string, sha256: Sha256): string {
  return toBase64url(sha256(utf8(encoded)));
}

/** Claims of which some are only digests, and the disclosures that tell them. */
export interface Sealed<C> {
  readonly claims: C;
  readonly disclosures: readonly Disclosure[];
}

/**
 * Takes claims out of what will be signed: digests stay (XDA-3). Those that are absent are passed over. Refusals: `sd_never`
 * for a claim that everybody is shown, `sd_salt_reused` where a salt is there twice or among `used` (XDA-S4).
 */
export async function sealClaims<C extends object>(
  claims: C,
  names: readonly (string & keyof C)[],
  {
    sha256,
    salt = randomSalt,
    used,
  }: { readonly sha256: Sha256; salt?(): string; readonly used?: ReadonlySet<string> },
): Promise<Result<Sealed<C>, Refusal>> {
  const never = names.find((name) => NEVER_DISCLOSABLE.includes(name));
  if (never !== undefined) return err(refusal("sd_never", `${never} is shown to everybody`, { claim: never }));
  const present = names.filter((name) => claims[name] !== undefined);
  if (present.length === 0) return ok({ claims, disclosures: [] });
  const packed = await pack(
    { ...claims } as Record<string, unknown>, // its members are looked at by name only
    { _sd: [...present] } as never, // the frame's type knows claims by their type, which is generic here
    { alg: "sha-256", hasher: (data) => sha256(typeof data === "string" ? utf8(data) : new Uint8Array(data)) },
    async () => salt(),
  );
  const disclosures: Disclosure[] = [];
  for (const made of packed.disclosures) {
    const read = readDisclosure(made.encode());
    if (!read.ok) return read;
    disclosures.push(read.value);
  }
  const reused = saltProblem(disclosures, used);
  if (reused !== null) return err(reused);
  return ok({ claims: { ...packed.packedClaims, _sd_alg: "sha-256" } as unknown as C, disclosures }); // fewer of the same claims, and the digests
}

/** XDA-S4, an issuer of itself: whoever knows a salt that is used twice can tell that two values are equal. */
export function saltProblem(disclosures: readonly Disclosure[], used?: ReadonlySet<string>): Refusal | null {
  const salts = disclosures.map(({ salt }) => salt);
  const twice = new Set(salts).size !== salts.length || salts.some((salt) => used?.has(salt) === true);
  return twice ? refusal("sd_salt_reused", "a salt is used for one disclosure only") : null;
}

const randomSalt = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));

/** What was disclosed of a token, and how many of its claims were not. */
export interface Disclosed {
  readonly claims: JsonObject;
  /** Names of the claims that came by disclosures, in their order. */
  readonly names: readonly string[];
  /** Digests that nothing was sent for: withheld, or erased. */
  readonly hidden: number;
}

/**
 * X5: the disclosures that came with a token belong to it, each once, and say nothing in its place. Refusals, in this order
 * for each: `sd_malformed`, `sd_unmatched`, `sd_duplicate`, `sd_overwrite`, `sd_never`.
 */
export function checkDisclosures(
  payload: JsonObject,
  encoded: readonly string[],
  sha256: Sha256,
): Result<Disclosed, Refusal> {
  const digests = digestsOf(payload);
  const claims: Record<string, Json> = { ...payload };
  const names: string[] = [];
  const seen = new Set<string>();
  for (const one of encoded) {
    const read = readDisclosure(one);
    if (!read.ok) return read;
    const { name, value } = read.value;
    const digest = disclosureDigest(one, sha256);
    const count = digests.filter((held) => held === digest).length;
    if (count === 0) return err(refusal("sd_unmatched", `the token has no digest of what is said of ${name}`));
    if (count > 1 || seen.has(digest))
      return err(refusal("sd_duplicate", `${name} is disclosed or its digest is there more than once`));
    seen.add(digest);
    // The never list before the names that are taken would leave its code nothing: each of them is a claim already.
    if (Object.hasOwn(claims, name)) return err(refusal("sd_overwrite", `${name} is a claim of the token already`));
    if (NEVER_DISCLOSABLE.includes(name)) return err(refusal("sd_never", `${name} is never disclosed on its own`));
    names.push(name);
    Object.defineProperty(claims, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return ok({ claims, names, hidden: digests.length - names.length });
}

function digestsOf(payload: JsonObject): readonly string[] {
  const { _sd } = payload;
  return Array.isArray(_sd) ? _sd.filter((one): one is string => typeof one === "string") : [];
}

/** `<JWT>~<D1>~<D2>~`. */
export function joinSd(compact: string, encoded: readonly string[]): string {
  return [compact, ...encoded, ""].join("~");
}

/** The token and its disclosures; one without any may stand alone. Refusal: `sd_malformed`. */
export function splitSd(
  text: string,
): Result<{ readonly compact: string; readonly disclosures: readonly string[] }, Refusal> {
  const [compact = "", ...rest] = text.split("~");
  if (rest.length === 0) return ok({ compact, disclosures: [] });
  return rest.pop() === ""
    ? ok({ compact, disclosures: rest })
    : err(refusal("sd_malformed", "a token with disclosures ends with a tilde"));
}
