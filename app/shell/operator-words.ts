import type { ProtectionKind } from "../operator/session.ts";
import { ROLES } from "../protocol/identity/roles.ts";

interface RoleWords {
  readonly id: string;
  readonly name: string;
  readonly may: string;
}

const MAY: Record<(typeof ROLES)[number], string> = {
  viewer: "looks at everything, signs nothing",
  operator: "starts workflows, stops and releases, decides where a policy names the role",
  approver: "decides where a policy names the role, and stops",
  finance: "decides about money where a policy names the role",
  duty_manager: "stops and releases, decides where a policy names the role",
  auditor: "reads and verifies the log, decides and starts nothing",
  safety_officer: "says who may do what, and stops",
};

/** The roles of this console, in words. */
export const ROLE_WORDS: readonly RoleWords[] = ROLES.map((id) => ({ id, name: roleName(id), may: MAY[id] }));

/** `duty_manager` as "duty manager"; a role that only a policy knows looks the same. */
export function roleName(role: string): string {
  return role.replaceAll("_", " ");
}

export const rolesText = (roles: readonly string[]): string =>
  roles.length === 0 ? "none" : roles.map(roleName).join(", ");

/** How a key is kept, said as it is (INV-4). */
export const PROTECTION_WORDS: Record<ProtectionKind, { readonly short: string; readonly long: string }> = {
  none: {
    short: "not protected",
    long: "The key lies open in this browser: whoever uses this browser profile can sign as you.",
  },
  passphrase: { short: "wrapped under your passphrase", long: "Without the passphrase nobody can use the key." },
  passkey: { short: "wrapped under your passkey", long: "Without the passkey nobody can use the key." },
  passkey_asked: {
    short: "your passkey is asked for",
    long: "Your passkey has no secret to wrap the key with. It is asked for before the key is used, but only this console keeps to that: whoever can change what runs in this browser profile could use the key without it.",
  },
};
