import * as z from "zod";
import type { Verdict } from "../../protocol/behavior/result.ts";

/** What one appraisal says. */
export const verdictSchema = z.enum(["conformant", "drifting", "nonconformant", "insufficient", "unverifiable"]);
verdictSchema satisfies z.ZodType<Verdict>;
