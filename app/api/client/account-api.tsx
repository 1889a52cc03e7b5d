import { createTanstackQueryUtils } from "@orpc/tanstack-query";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { ApiContext, useApi } from "./api-context.tsx";
import type { SignalboxClient } from "./client.ts";
import { DOMAIN_KEY } from "./domain-api.tsx";

/** A domain of this console with accounts of its own, and the ids that what is signed for it is addressed to. */
export interface Account {
  readonly domain: string;
  readonly pepId: string;
  readonly logId: string;
}

const AccountContext = createContext<Account | null>(null);

/** Whose accounts are in view; null for those of the console's own domain. */
export const useAccount = (): Account | null => useContext(AccountContext);

/** Everything below is about the accounts of another domain of this console (XDA-82). */
export function AccountApi({ account, children }: { readonly account: Account; readonly children: ReactNode }) {
  const api = useApi();
  const other = useMemo(() => {
    const client = accountClient(api.client, account.domain);
    return { ...api, client, orpc: createTanstackQueryUtils(client, { path: [DOMAIN_KEY, account.domain] }) };
  }, [api, account.domain]);
  return (
    <AccountContext value={account}>
      <ApiContext value={other}>{children}</ApiContext>
    </AccountContext>
  );
}

type Call = (input: unknown, options?: unknown) => Promise<unknown>;

/** A client whose questions about accounts are about another domain's, unless they name one themselves. */
function accountClient(client: SignalboxClient, of: string): SignalboxClient {
  const accounting = client.accounting as unknown as Readonly<Record<string, Call | undefined>>; // operations by name
  const calls = new Map<string, Call>();
  const callOf = (name: string): Call => {
    const known = calls.get(name);
    if (known !== undefined) return known;
    const made: Call = async (input, options) => accounting[name]?.({ of, ...(input as object | undefined) }, options); // an operation takes an object or nothing
    calls.set(name, made);
    return made;
  };
  const ofDomain = new Proxy(
    {},
    {
      get: (_target, name) =>
        typeof name !== "string" || name === "then" ? undefined : name === "accounts" ? accounting[name] : callOf(name),
    },
  );
  return new Proxy(client, {
    get: (target, name) => (name === "accounting" ? ofDomain : (Reflect.get(target, name) as unknown)),
  });
}
