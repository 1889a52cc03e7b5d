import type { Trust } from "../../protocol/identity/trust-statement.ts";

/** What somebody has said is to be trusted, and who has ended that, in which entry; kept for what was logged before then. */
export interface TrustedItem {
  readonly jti: string;
  readonly trust: Trust;
  readonly by: string;
  readonly at: number;
  readonly seq: number;
  readonly reason: string;
  ended: { readonly by: string; readonly at: number; readonly seq: number; readonly reason: string } | null;
}
