import { useAccount } from "../../api/client/account-api.tsx";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";

/** An entry of the log whose accounts are in view. */
export function EntryLink({ seq }: { readonly seq: number }) {
  const account = useAccount();
  return (
    <GoLink to="/timeline" search={{ ...(account === null ? {} : { domain: account.domain }), entry: seq }}>
      entry {formatCount(seq)}
    </GoLink>
  );
}
