import { ORPCError, os } from "@orpc/server";
import type { PastState } from "../../engine/past/ladder.ts";
import type { Host } from "../../host/open-host.ts";
import { type DispatchContext, problemOf } from "./base.ts";

/** One for each state that is at hand, so that what is found out about it is found out once. */
const hosts = new WeakMap<PastState, Host>();

/**
 * Serves a read as of an entry where `at` is given: the operation then has a host of that moment and needs to know nothing of
 * it. A place that is none, or cannot be read, is refused by its code.
 */
export const asOf = os
  .$context<DispatchContext>()
  .middleware(async ({ context: { host }, next }, input: { readonly at?: number | undefined } | undefined) => {
    if (input?.at === undefined) return next({ context: { host } });
    const desk = await host.past.open();
    const past = await desk.open(input.at);
    if (!past.ok) {
      const data = problemOf(past.error);
      throw new ORPCError(data.status === 404 ? "NOT_FOUND" : data.status === 400 ? "MALFORMED" : "REFUSED", {
        status: data.status,
        data,
      });
    }
    const { pastHost } = await import("../../host/past/past-host.ts");
    const then = hosts.get(past.value) ?? pastHost(host, past.value);
    hosts.set(past.value, then);
    return next({ context: { host: then } });
  });
