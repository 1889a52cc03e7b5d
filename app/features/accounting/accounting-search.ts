import * as z from "zod";

export const VIEWS = ["usage", "limits", "tariffs", "settlements", "reconcile"] as const;
export const GROUP_BY = ["agent", "run", "task", "domain", "resource"] as const;
export const MEASURES = ["cost", "tokens", "time"] as const;

const epochS = z.coerce.number().int().nonnegative().optional().catch(undefined);

/** What a link to this pane carries: the view, what of it, and the span of time. */
export const accountingSearchSchema = z.object({
  wid: z.string().optional().catch(undefined),
  /** Usage when absent. */
  view: z.enum(VIEWS).optional().catch(undefined),
  by: z.enum(GROUP_BY).optional().catch(undefined),
  measure: z.enum(MEASURES).optional().catch(undefined),
  /** The group in view. */
  group: z.string().max(1024).optional().catch(undefined),
  /** The chart when absent. */
  as: z.enum(["table"]).optional().catch(undefined),
  /** Only the workflow that was chosen elsewhere. */
  only: z.enum(["wid"]).optional().catch(undefined),
  from: epochS,
  to: epochS,
  settlement: z.string().optional().catch(undefined),
  domain: z.string().max(253).optional().catch(undefined),
  /** Whose accounts: another domain of this console; its own when absent. */
  of: z.string().max(253).optional().catch(undefined),
  line: z.enum(["matched", "missing_here", "missing_there", "quantity", "price"]).optional().catch(undefined),
});
export type AccountingSearch = z.infer<typeof accountingSearchSchema>;

export interface SearchProps {
  readonly search: AccountingSearch;
  setSearch(patch: Partial<AccountingSearch>, options?: { readonly replace?: boolean }): void;
}

/** The span that is asked for: of one workflow where that was chosen. */
export function spanOf({ from, to, only, wid }: AccountingSearch) {
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(only === undefined || wid === undefined ? {} : { wid }),
  };
}
