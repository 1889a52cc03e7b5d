import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { problemOf } from "../api/client/problem.ts";
import { ok, type Result } from "../base/result.ts";
import { isTrustDomainName, MAX_TRUST_DOMAIN, TRUST_DOMAIN_RULE } from "../protocol/identity/trust-domain-name.ts";
import { TextField } from "../ui/text-field.tsx";
import { visibleText } from "../ui/visible-text.ts";

/** The name of this console's own domain, as it is chosen before anybody has written to its log (XDA-49). */
export interface DomainName {
  readonly name: string;
  /** Why it cannot be changed; null while it can. Undefined as long as the host has not said. */
  readonly fixed: string | null | undefined;
  readonly isValid: boolean;
  choose(name: string): void;
  /** Has the host take the chosen name, where it is another one than now; resolves once the console goes on under it. */
  settle(): Promise<Result<void, { readonly code: string; readonly detail: string }>>;
}

export function useDomainName(): DomainName {
  const { client, orpc } = useApi();
  const { data } = useQuery(orpc.identity.describe.queryOptions());
  const [chosen, choose] = useState<string | null>(null);
  const now = data?.trustDomain ?? "";
  const isOpen = data?.trustDomainFixed === null;
  // Somebody else may have begun the log while a name was typed here.
  const name = isOpen ? (chosen ?? now) : now;
  const isAnother = isOpen && name !== now;
  return {
    ...{ name, choose },
    fixed: data?.trustDomainFixed,
    isValid: !isAnother || isTrustDomainName(name),
    settle: async () => {
      if (!isAnother) return ok(undefined);
      try {
        await client.identity.nameDomain({ trustDomain: name });
        return ok(undefined);
      } catch (error) {
        return { ok: false, error: problemOf(error) };
      }
    },
  };
}

/** Asks for the name, or says which one it is and why it stays. */
export function DomainNameField({ domain: { name, fixed, isValid, choose } }: { readonly domain: DomainName }) {
  if (fixed === undefined) return null;
  if (fixed !== null)
    return (
      <p className="text-muted">
        Domain: <span className="font-mono break-all">{visibleText(name)}</span>. {visibleText(fixed)}
      </p>
    );
  return (
    <TextField
      label="Name of this console's domain"
      value={name}
      onChange={choose}
      maxLength={MAX_TRUST_DOMAIN}
      mono
      name="trust-domain"
      description="Other domains know this console by it, and cannot settle with one that is called the same. It stands in every signed id, so it cannot be changed once somebody has signed in."
      errorMessage={isValid ? undefined : `It takes ${TRUST_DOMAIN_RULE}`}
    />
  );
}
