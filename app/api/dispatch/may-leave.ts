import { ORPCError, os } from "@orpc/server";
import type { Host } from "../../host/open-host.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { type DispatchContext, problemOf } from "./base.ts";

/** XDA-8: why no file of another domain's log may be made here; null where it may, and for the console's own. */
export async function leavingRefusal(host: Host, domain: string | undefined): Promise<Refusal | null> {
  if (domain === undefined || domain === host.engine.ids.domain) return null;
  const of = (await host.domains.desk())?.hosts.get(domain);
  // Its log may be open before what it is under is known: until then nothing of it leaves.
  if (of === undefined)
    return refusal("domain_not_here", "no log of this domain can be read here", { claim: "domain" });
  const { logLeavingProblem } = await import("../../host/domains/leaving.ts");
  return logLeavingProblem(of);
}

/** Lets no file be made of a log that must not leave its domain; before `ofDomain`, which knows that domain only. */
export const mayLeave = os
  .$context<DispatchContext>()
  .middleware(async ({ context: { host }, next }, input: { readonly domain?: string | undefined } | undefined) => {
    const problem = await leavingRefusal(host, input?.domain);
    if (problem === null) return next();
    const data = problemOf(problem);
    throw new ORPCError(data.status === 404 ? "NOT_FOUND" : "REFUSED", { status: data.status, data });
  });
