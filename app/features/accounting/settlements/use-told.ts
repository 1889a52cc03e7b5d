import { useQuery } from "@tanstack/react-query";
import { useAccount } from "../../../api/client/account-api.tsx";
import { useApi } from "../../../api/client/api-context.tsx";
import { word } from "../words.ts";

/** Domains of this console that settle with the one in view; none with the console's own. */
export function useNeighbours(): readonly string[] {
  const { orpc } = useApi();
  const account = useAccount();
  const [, ...others] = useQuery(orpc.accounting.accounts.queryOptions()).data?.accounts ?? [];
  return account === null ? [] : others.map(({ domain }) => domain).filter((domain) => domain !== account.domain);
}

/** What is said once a message is signed: whether the other side has heard of it already, or has to be handed a file. */
export function useTold(other: string) {
  const isHere = useNeighbours().includes(other);
  return (title: string, undelivered: { readonly code: string; readonly detail: string } | null) => {
    if (undelivered !== null)
      return {
        title,
        detail: `The log of ${word(other)} did not take it: ${word(undelivered.detail)}`,
        tone: "warning" as const,
      };
    return {
      title,
      detail: isHere ? `It is in the log of ${word(other)} too.` : "Hand your ledger over, so that they hear of it.",
    };
  };
}
