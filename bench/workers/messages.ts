import type { AppendOptions, AppendSample } from "../work/append.ts";
import type { AppraisalOptions, AppraisalSample } from "../work/appraisal.ts";
import type { PastOptions, PastSample } from "../work/past.ts";
import type { PolicyOptions, PolicySample } from "../work/policy.ts";
import type { QueryOptions, QuerySample } from "../work/query.ts";
import type { VerifyOptions, VerifySample } from "../work/verify.ts";

/** What the page asks of the engine's worker of the bench. */
export type EngineJob =
  | { readonly kind: "append"; readonly options: AppendOptions }
  | { readonly kind: "verify"; readonly options: VerifyOptions }
  | { readonly kind: "past"; readonly options: PastOptions }
  | { readonly kind: "query"; readonly options: QueryOptions }
  | { readonly kind: "policy"; readonly options: PolicyOptions }
  | { readonly kind: "appraisal"; readonly options: AppraisalOptions };

export type EngineSample = AppendSample | VerifySample | PolicySample | PastSample | QuerySample | AppraisalSample;

export type EngineAnswer =
  | { readonly ok: true; readonly samples: readonly EngineSample[] }
  | { readonly ok: false; readonly detail: string };
