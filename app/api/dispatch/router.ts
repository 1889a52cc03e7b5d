import { auditOperations } from "./audit.ts";
import { api } from "./base.ts";
import { cascadeOperations } from "./cascade.ts";
import { drillOperations } from "./drill.ts";
import { gateOperations } from "./gate.ts";
import { hostOperations } from "./host.ts";
import { identityOperations } from "./identity.ts";
import { livenessOperations } from "./liveness.ts";
import { overrideOperations } from "./override.ts";
import { policyOperations } from "./policy.ts";
import { workflowOperations } from "./workflow.ts";

/** The whole contract over one host: the same for the browser worker, the server and the mocks. */
export const router = api.router({
  audit: auditOperations,
  cascade: cascadeOperations,
  drill: drillOperations,
  gate: gateOperations,
  host: hostOperations,
  identity: identityOperations,
  liveness: livenessOperations,
  override: overrideOperations,
  policy: policyOperations,
  // Loaded when somebody first asks: most of the time nobody rolls anything back.
  rollback: api.rollback.lazy(() => import("./rollback.ts").then((module) => ({ default: module.rollbackOperations }))),
  workflow: workflowOperations,
});
