import { ORPCError, os } from "@orpc/server";
import { refusal } from "../../protocol/jose/refusal.ts";
import { type DispatchContext, problemOf } from "./base.ts";

/**
 * Serves a read of a log from another domain of this console where `domain` is given: the operation then has that domain's
 * host and needs to know nothing of it. One that is not here, or cannot be opened now, is `domain_not_here`.
 */
export const ofDomain = os
  .$context<DispatchContext>()
  .middleware(async ({ context: { host }, next }, input: { readonly domain?: string | undefined } | undefined) => {
    const domain = input?.domain;
    if (domain === undefined || domain === host.engine.ids.domain) return next({ context: { host } });
    const other = await host.beside(domain);
    if (other !== null) return next({ context: { host: other } });
    const data = problemOf(refusal("domain_not_here", "no log of this domain can be read here", { claim: "domain" }));
    throw new ORPCError("NOT_FOUND", { status: 404, data });
  });
