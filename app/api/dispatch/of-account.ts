import { ORPCError, os } from "@orpc/server";
import { refusal } from "../../protocol/jose/refusal.ts";
import { type DispatchContext, problemOf } from "./base.ts";

/**
 * Serves the accounts of another domain of this console where `of` is given (XDA-82): the operation then has that domain's host,
 * and beside it the console's own, whose people and recordings they are. One that is not here is `domain_not_here`; `at` is a place
 * in the console's own log, so that of other domains it is `domain_past`.
 */
export const ofAccount = os
  .$context<DispatchContext>()
  .middleware(
    async (
      { context: { host: console }, next },
      input: { readonly of?: string | undefined; readonly at?: number | undefined } | undefined,
    ) => {
      const of = input?.of;
      if (of === undefined || of === console.engine.ids.domain) return next({ context: { host: console, console } });
      const no = (status: number, code: string, detail: string) =>
        new ORPCError(status === 404 ? "NOT_FOUND" : "REFUSED", {
          status,
          data: problemOf({ ...refusal(code, detail, { claim: "of" }), status }),
        });
      if (input?.at !== undefined)
        throw no(403, "domain_past", "a moment of the past is one of the console's own log: others are read as of now");
      const host = await console.beside(of);
      if (host === null) throw no(404, "domain_not_here", "no log of this domain can be read here");
      return next({ context: { host, console } });
    },
  );
