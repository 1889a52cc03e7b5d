import * as z from "zod";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";

/** Claims of every message about a gate or a grant. */
export const messageMembers = {
  iss: uriSchema,
  aud: z.union([uriSchema, z.array(uriSchema).min(1)]),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
};

/** How the person behind it authenticated, and the role in which they act. */
export const authenticationMembers = {
  role: z.string().min(1).max(64),
  auth_time: timeSchema,
  amr: z.array(z.string()).min(1),
};

/** Another token, by id and token digest. */
export const referenceSchema = z.object({ jti: uuidSchema, hash: digestSchema });
