import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import { isOver } from "../../../api/client/rollback-words.ts";
import type { RollbackSummary } from "../../../api/contract/rollback.ts";

/** The rollbacks of every workflow, newest first. */
export function useRollbacks() {
  const { orpc } = useApi();
  return useQuery(orpc.rollback.list.queryOptions({ input: {} }));
}

/** It ended with something that was not back as it was, whether somebody has confirmed it or not (CAS-16). */
export const hasLeft = ({ confirmedBy, needsPerson, steps }: RollbackSummary): boolean =>
  needsPerson || confirmedBy !== null || steps.failed > 0 || steps.residual > 0;

/** A person has to do or to confirm something. */
export const asksPerson = ({ needsPerson, asked }: RollbackSummary): boolean => needsPerson || asked.length > 0;

/** What an ended rollback has left that nobody has dealt with yet (CAS-33). */
export const openResidues = (one: RollbackSummary): number => (isOver(one) || one.needsPerson ? one.unsettled : 0);

/** First what asks for a person, then what goes on, then what left something, open first; each newest first. */
export function byNeed(rollbacks: readonly RollbackSummary[]): RollbackSummary[] {
  const rank = (one: RollbackSummary): number => {
    if (asksPerson(one)) return 0;
    if (!isOver(one)) return 1;
    return openResidues(one) > 0 ? 2 : hasLeft(one) ? 3 : 4;
  };
  return rollbacks.toSorted((a, b) => rank(a) - rank(b) || b.requestedAt - a.requestedAt);
}
