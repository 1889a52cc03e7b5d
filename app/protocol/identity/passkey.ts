import * as z from "zod";
import { digestSchema } from "../jose/formats.ts";

/** Longest encoded authenticator data, client data or signature that is looked at, characters. */
const ENCODED_MAX = 4096;

/** base64url as an authenticator's answer has it. */
export const encodedSchema = z
  .string()
  .min(1)
  .max(ENCODED_MAX)
  .regex(/^[A-Za-z0-9_-]+$/, "base64url, no padding");

const hostSchema = z.string().min(1).max(253);
const originSchema = z
  .string()
  .max(512)
  .regex(/^https?:\/\/[^/\s]+$/, "a web origin");

/**
 * What a browser has of a passkey that was just made (WebAuthn section 6.1), for the log to take its public key from: member
 * `passkey` of an `operator-enrolment+jwt` [ours].
 */
export const madePasskeySchema = z.strictObject({
  rp_id: hostSchema,
  origin: originSchema,
  /** Authenticator data with the attested credential, base64url. */
  authenticator_data: encodedSchema,
});
export type MadePasskey = z.infer<typeof madePasskeySchema>;

/**
 * The passkey that stands before an enrolled key: member `passkey` of a person's `wit+jwt` [ours]. With it the engine verifies
 * for itself that its person touched it for a decision (ACP-51).
 */
export const enrolledPasskeySchema = z.strictObject({
  /** base64url SHA-256 of the credential id: the id itself is nobody's business. */
  cred: digestSchema,
  /** The public key as COSE_Key, base64url. */
  cose: encodedSchema,
  rp_id: hostSchema,
  origin: originSchema,
});
export type EnrolledPasskey = z.infer<typeof enrolledPasskeySchema>;
