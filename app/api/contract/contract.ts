import { accountingContract } from "./accounting.ts";
import { anchorsContract } from "./anchors.ts";
import { attentionContract } from "./attention.ts";
import { auditContract } from "./audit.ts";
import { behaviorContract } from "./behavior.ts";
import { behaviorProfilesContract } from "./behavior-profiles.ts";
import { benchmarkContract } from "./benchmark.ts";
import { cascadeContract } from "./cascade.ts";
import { domainsContract } from "./domains.ts";
import { drillContract } from "./drill.ts";
import { gateContract } from "./gate.ts";
import { hostContract } from "./host.ts";
import { identityContract } from "./identity.ts";
import { livenessContract } from "./liveness.ts";
import { overrideContract } from "./override.ts";
import { policyContract } from "./policy.ts";
import { rollbackContract } from "./rollback.ts";
import { workflowContract } from "./workflow.ts";

/** The one contract every host serves and every client uses. Its shape is pinned by a hash test; bump the version with it. */
export const contract = {
  accounting: accountingContract,
  anchors: anchorsContract,
  attention: attentionContract,
  audit: auditContract,
  behavior: { ...behaviorContract, ...behaviorProfilesContract },
  benchmark: benchmarkContract,
  cascade: cascadeContract,
  domains: domainsContract,
  drill: drillContract,
  gate: gateContract,
  host: hostContract,
  identity: identityContract,
  liveness: livenessContract,
  override: overrideContract,
  policy: policyContract,
  rollback: rollbackContract,
  workflow: workflowContract,
};
export type Contract = typeof contract;

export { CONTRACT_VERSION } from "./version.ts";
