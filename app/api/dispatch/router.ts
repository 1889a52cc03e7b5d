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
  anchors: api.anchors.lazy(() => import("./anchors.ts").then((module) => ({ default: module.anchorsOperations }))),
  // Loaded when somebody first asks about money.
  accounting: api.accounting.lazy(() =>
    import("./accounting.ts").then((module) => ({ default: module.accountingOperations })),
  ),
  // Loaded when somebody first asks how much is asked of people.
  attention: api.attention.lazy(() =>
    import("./attention.ts").then((module) => ({ default: module.attentionOperations })),
  ),
  audit: auditOperations,
  // Loaded when somebody first asks how agents behave.
  behavior: api.behavior.lazy(() => import("./behavior.ts").then((module) => ({ default: module.behaviorOperations }))),
  // Loaded when somebody first asks for benchmarks.
  benchmark: api.benchmark.lazy(() =>
    import("./benchmark.ts").then((module) => ({ default: module.benchmarkOperations })),
  ),
  cascade: cascadeOperations,
  // Loaded when somebody first asks: most consoles have one domain.
  domains: api.domains.lazy(() => import("./domains.ts").then((module) => ({ default: module.domainsOperations }))),
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
