import { auditOperations } from "./audit.ts";
import { api } from "./base.ts";
import { cascadeOperations } from "./cascade.ts";
import { gateOperations } from "./gate.ts";
import { hostOperations } from "./host.ts";
import { identityOperations } from "./identity.ts";
import { overrideOperations } from "./override.ts";
import { policyOperations } from "./policy.ts";
import { workflowOperations } from "./workflow.ts";

/** The whole contract over one host: the same for the browser worker, the server and the mocks. */
export const router = api.router({
  audit: auditOperations,
  cascade: cascadeOperations,
  gate: gateOperations,
  host: hostOperations,
  identity: identityOperations,
  override: overrideOperations,
  policy: policyOperations,
  workflow: workflowOperations,
});
