import type { QueryPolicy } from "../../protocol/audit/audit-query.ts";
import type { DomainProfile } from "./domain-profiles.ts";

/** For which purposes a domain of this console answers, and in which roles it may be asked: like its profile ours [ours]. */
const EVERYWHERE: QueryPolicy = {
  incident_investigation: ["operator", "duty_manager", "auditor", "safety_officer"],
  compliance_audit: ["auditor", "safety_officer"],
  authority_request: ["safety_officer"],
};

/** What people may ask about themselves is a matter of the GDPR. */
const OF_PERSONS: QueryPolicy = { data_subject_request: ["duty_manager", "safety_officer"] };

export function queryPolicyOf({ reg }: Pick<DomainProfile, "reg">): QueryPolicy {
  return reg.regime === "GDPR" ? { ...EVERYWHERE, ...OF_PERSONS } : EVERYWHERE;
}
