import type { AppendOptions, AppendSample } from "../work/append.ts";
import type { PolicyOptions, PolicySample } from "../work/policy.ts";
import type { VerifyOptions, VerifySample } from "../work/verify.ts";

/** What the page asks of the engine's worker of the bench. */
export type EngineJob =
  | { readonly kind: "append"; readonly options: AppendOptions }
  | { readonly kind: "verify"; readonly options: VerifyOptions }
  | { readonly kind: "policy"; readonly options: PolicyOptions };

export type EngineSample = AppendSample | VerifySample | PolicySample;

export type EngineAnswer =
  | { readonly ok: true; readonly samples: readonly EngineSample[] }
  | { readonly ok: false; readonly detail: string };
