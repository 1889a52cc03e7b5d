import * as z from "zod";
import { intentClaimsSchema } from "../../protocol/ect/claims.ts";

export const TABS = ["delegation", "rules", "try", "replay", "edit", "token"] as const;
export type Tab = (typeof TABS)[number];

/** What a link to this pane carries: the policy in view, what of it, and the action that is tried. */
export const policiesSearchSchema = z.object({
  /** The workflow that was chosen in another pane: its policy is shown first. */
  wid: z.string().optional().catch(undefined),
  policy: z.string().optional().catch(undefined),
  /** The standing grants instead of the policies. */
  show: z.enum(["grants"]).optional().catch(undefined),
  grant: z.string().optional().catch(undefined),
  tab: z.enum(TABS).optional().catch(undefined),
  /** Node of the delegation in view. */
  node: z.string().max(32).optional().catch(undefined),
  /** The graph when absent. */
  view: z.enum(["table"]).optional().catch(undefined),
  /** What is shown, tried and replayed: the issued policy when absent. */
  version: z.enum(["draft"]).optional().catch(undefined),
  /** How it is edited: the form when absent. */
  editor: z.enum(["json"]).optional().catch(undefined),
  agent: z.string().max(1024).optional().catch(undefined),
  act: z.string().max(256).optional().catch(undefined),
  target: z.string().max(1024).optional().catch(undefined),
  needs: intentClaimsSchema.shape.needs.catch(undefined),
  /** Tried on top of what is used up when absent. */
  usage: z.enum(["none"]).optional().catch(undefined),
  /** Replayed over the policy's own workflow when absent. */
  over: z.enum(["all"]).optional().catch(undefined),
  /** The replay begins by itself: a link to what a draft would change. */
  replay: z.enum(["now"]).optional().catch(undefined),
});
export type PoliciesSearch = z.infer<typeof policiesSearchSchema>;
export type SetPoliciesSearch = (patch: Partial<PoliciesSearch>, options?: { readonly replace?: boolean }) => void;

export interface SearchProps {
  readonly search: PoliciesSearch;
  readonly setSearch: SetPoliciesSearch;
}
