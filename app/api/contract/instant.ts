import * as z from "zod";
import { operation, positionSchema } from "./common.ts";

/**
 * A place in the past to look at: as of which entry (`at`, the number of entries before and with it), given so or by a time
 * (epoch s: the last entry that had come by then); neither of them for now. What it answers can be given to every view as `at`.
 */
export const instantOperation = operation
  .route({ method: "GET", path: "/audit/instant" })
  .input(
    z
      .object({ at: z.coerce.number().int().optional(), time: z.coerce.number().int().nonnegative().optional() })
      .optional(),
  )
  .output(
    z.object({
      /** Of now. */
      position: positionSchema,
      at: z.int().positive(),
      /** When that entry came, epoch s. */
      receivedAt: z.int(),
      /** Entries whose states are at hand by now; what is beyond takes longer when it is first asked for. */
      reach: z.int().nonnegative(),
    }),
  );
