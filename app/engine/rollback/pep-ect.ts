import type { EctClaims } from "../../protocol/ect/claims.ts";
import type { Draft } from "../command.ts";

/** How long the enforcement point's nodes of a rollback are accepted, seconds. */
export const UNDO_ECT_LIFETIME_S = 600;

/** A node of a rollback, which the enforcement point signs. */
export const pepEct = (claims: EctClaims): Draft => ({ kind: "sign", as: "pep", fact: { typ: "exec+jwt", claims } });
