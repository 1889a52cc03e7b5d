import { MAX_GRANT_LIFETIME_S, MAX_GRANT_USES, type StandingGrantClaims } from "../protocol/acp/grant.ts";
import { commonClaims, OPERATOR_AMR } from "./claims.ts";

/** What a standing grant is about: one agent's one action under one policy, and the rules that hold it. */
export interface GrantSubject {
  readonly wid: string;
  /** The policy in force; `hash` is its token digest. */
  readonly acp: { readonly jti: string; readonly hash: string };
  readonly agent: string;
  readonly execAct: string;
  readonly ruleIds: readonly string[];
  /** The role whose approval those rules ask for. */
  readonly role: string;
  /** What it touches as far as is known; proposed as the only thing it may touch. */
  readonly target: string | null;
}

/** How far it goes. */
export interface GrantLimits {
  /** Whole number, as it is typed. */
  readonly uses: string;
  readonly lifetimeS: number;
  /** URIs, or beginnings of them ending in `*`, separated by spaces; empty for whatever the policy allows. */
  readonly resources: string;
  readonly reason: string;
}

export const DEFAULT_USES = 10;
export const DEFAULT_LIFETIME_S = 3600;
export const LIFETIMES_S: readonly number[] = [900, 1800, 3600, 7200, 14_400, MAX_GRANT_LIFETIME_S];
const MAX_PATTERNS = 64;
const MAX_PATTERN = 1024;

export type GrantMistakes = Readonly<Partial<Record<"uses" | "resources", string>>>;

export function patternsOf(text: string): string[] {
  return [...new Set(text.split(/\s+/).filter((part) => part !== ""))];
}

/** What is wrong with the limits, by field. */
export function grantMistakes({ uses, resources }: GrantLimits): GrantMistakes {
  const patterns = patternsOf(resources);
  const odd = patterns.find((pattern) => !/^[^*]*\*?$/.test(pattern) || pattern.length > MAX_PATTERN);
  const count = /^\d{1,4}$/.test(uses) ? Number(uses) : 0;
  return {
    ...(count < 1 || count > MAX_GRANT_USES ? { uses: `a whole number from 1 to ${MAX_GRANT_USES}` } : {}),
    ...(odd === undefined ? {} : { resources: "a * is allowed at the end only" }),
    ...(patterns.length > MAX_PATTERNS ? { resources: `${MAX_PATTERNS} at most` } : {}),
  };
}

export interface GrantSigner {
  readonly subject: string;
  readonly pepId: string;
}

/** The claims of a `standing-grant+jwt` (ACP-40). Its life counts from now: epoch ms. */
export function grantClaims(
  subject: GrantSubject,
  limits: GrantLimits,
  by: GrantSigner,
  { authTime, nowMs }: { readonly authTime: number; readonly nowMs: number },
): StandingGrantClaims {
  const resources = patternsOf(limits.resources);
  return {
    ...commonClaims({ iss: by.subject, aud: by.pepId, lifetimeS: limits.lifetimeS, nowMs }),
    ...{ wid: subject.wid, acp: subject.acp, agent: subject.agent, exec_act: subject.execAct },
    rule_ids: [...subject.ruleIds],
    ...(resources.length === 0 ? {} : { resources }),
    max_uses: Number(limits.uses),
    reason: limits.reason.trim(),
    ...{ role: subject.role, auth_time: authTime, amr: [...OPERATOR_AMR] },
  };
}
