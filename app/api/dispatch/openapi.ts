import type { ORPCError } from "@orpc/client";
import { OpenAPIGenerator } from "@orpc/openapi";
import { ZodToJsonSchemaConverter } from "@orpc/zod/zod4";
import * as z from "zod";
import { CONTRACT_VERSION, contract } from "../contract/contract.ts";
import { problemSchema } from "../contract/problem.ts";

/** Errors as RFC 9457 problem details: what a refusal carries, and for everything else its status and message (COM-8). */
export function encodeProblem(error: ORPCError<string, unknown>): object {
  const problem = problemSchema.safeParse(error.data);
  // The members of an oRPC error stay beside them, so that the typed client reads the same answer.
  const own = error.toJSON();
  if (problem.success) return { ...problem.data, orpc: own };
  const detail = firstIssue(error.data) ?? error.message;
  const code = error.status === 400 ? "request_malformed" : error.code.toLowerCase();
  return { type: `urn:signalbox:problem:${code}`, title: error.message, status: error.status, detail, code, orpc: own };
}

const issuesSchema = z.object({
  issues: z.array(z.object({ message: z.string(), path: z.array(z.unknown()).optional() })).min(1),
});

/** Where an input is not of the contract's shape, and what was expected there. */
function firstIssue(data: unknown): string | null {
  const parsed = issuesSchema.safeParse(data);
  const issue = parsed.success ? parsed.data.issues[0] : undefined;
  return issue === undefined ? null : `${(issue.path ?? []).join(".") || "the request"}: ${issue.message}`;
}

/** The contract as an OpenAPI 3.1 document. */
export function openApiDocument(serverUrl: string): Promise<object> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] });
  return generator.generate(contract, {
    info: {
      title: "Signalbox",
      version: CONTRACT_VERSION,
      description: "Oversight of autonomous agents: one contract for every host.",
    },
    servers: [{ url: serverUrl }],
  });
}
