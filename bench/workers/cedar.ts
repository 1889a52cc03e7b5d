import init, { getCedarVersion, preparsePolicySet, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/web";
import { openCedar } from "../work/cedar-policy.ts";
import type { PolicyEngine } from "../work/policy.ts";

/** Cedar's build for browsers; its WebAssembly is loaded here and not with the worker. */
export async function openCedarHere(): Promise<PolicyEngine> {
  await init();
  return openCedar({ getCedarVersion, preparsePolicySet, statefulIsAuthorized });
}
