import { ORPCError } from "@orpc/client";

/** Reads the error back that a host has put into its problem details (RFC 9457); null when it is another server's. */
export function decodeProblem(status: number, body: unknown): ORPCError<string, unknown> | null {
  const own = typeof body === "object" && body !== null && "orpc" in body ? body.orpc : null;
  if (own === null || typeof own !== "object" || !("code" in own) || typeof own.code !== "string") return null;
  const { code, message, data, defined } = own as { code: string; message?: string; data?: unknown; defined?: boolean };
  return new ORPCError(code, {
    status,
    data,
    defined: defined === true,
    ...(message === undefined ? {} : { message }),
  });
}
