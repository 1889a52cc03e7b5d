/** The roles this console knows by name; a policy may name others of its deployment (ACP rule `role`). */
export const ROLES = [
  "viewer",
  "operator",
  "approver",
  "finance",
  "duty_manager",
  "auditor",
  "safety_officer",
] as const;
export type KnownRole = (typeof ROLES)[number];

/** What whoever has no statement about them may be, once the log has any: look, and nothing else. */
export const NO_STATEMENT: readonly KnownRole[] = ["viewer"];
