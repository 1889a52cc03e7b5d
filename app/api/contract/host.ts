import * as z from "zod";
import { verifyReportSchema } from "./audit.ts";
import { operation, positionSchema } from "./common.ts";

export const hostContract = {
  /** What serves this console and how it is doing; asked every few seconds, so it is also the heartbeat of the connection. */
  status: operation.route({ method: "GET", path: "/host/status" }).output(
    z.object({
      position: positionSchema,
      kind: z.enum(["embedded", "server", "mock"]),
      contractVersion: z.string(),
      /** Hand-overs so far in this profile; 0 where there is one host. */
      epoch: z.int(),
      storage: z.object({
        state: z.enum(["ok", "full", "blocked", "denied", "failed", "memory"]),
        detail: z.string(),
        usageBytes: z.number().nullable(),
        quotaBytes: z.number().nullable(),
      }),
      /** What is known of the log's integrity: the last check and what it covered. */
      integrity: z.object({
        state: z.enum(["checking", "intact", "broken", "unchecked"]),
        checkedSize: z.int(),
        checkedAtMs: z.number().nullable(),
        report: verifyReportSchema.nullable(),
      }),
      /** Newest signed tree head: size and epoch seconds, or null. */
      sth: z.object({ size: z.int(), iat: z.int() }).nullable(),
      /** True when agents' workers can be flagged through shared memory (cross-origin isolation); otherwise stops are slower. */
      isolated: z.boolean(),
      pool: z.object({ workers: z.int(), agents: z.int() }),
      pendingGates: z.int(),
      latched: z.int(),
      running: z.int(),
    }),
  ),
};
