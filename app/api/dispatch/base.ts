import { implement, ORPCError } from "@orpc/server";
import type { Result } from "../../base/result.ts";
import { StateUncertain } from "../../engine/engine.ts";
import type { Host } from "../../host/open-host.ts";
import type { Position } from "../contract/common.ts";
import { contract } from "../contract/contract.ts";
import type { Problem } from "../contract/problem.ts";

/** What every operation is given: the host it acts on. */
export interface DispatchContext {
  readonly host: Host;
}

/** The contract, to be implemented operation by operation. */
export const api = implement(contract)
  .$context<DispatchContext>()
  .use(async ({ next }) => {
    try {
      return await next();
    } catch (error) {
      // The engine reads its log again before the next answer: nothing it has in memory may be told meanwhile.
      if (!(error instanceof StateUncertain)) throw error;
      throw new ORPCError("UNAVAILABLE", { status: 503, data: problemOf(error.problem) });
    }
  });

/** An expected "no" as it comes out of protocol, engine or storage. */
type Failure = {
  readonly code: string;
  readonly detail: string;
  readonly status?: number;
  readonly claim?: string;
  readonly jti?: string;
  readonly retry?: boolean;
};

type Make = (options: { data: Problem }) => Error;
/** The typed errors every operation of the contract has. */
export type Errors = Readonly<Record<ErrorName, Make>>;
type ErrorName = "MALFORMED" | "REFUSED" | "NOT_FOUND" | "CONFLICT" | "TOO_LARGE" | "UNAVAILABLE";

const BY_STATUS: Readonly<Record<number, ErrorName>> = {
  400: "MALFORMED",
  404: "NOT_FOUND",
  409: "CONFLICT",
  413: "TOO_LARGE",
  503: "UNAVAILABLE",
};

const TITLES: Readonly<Record<number, string>> = {
  400: "Malformed",
  403: "Refused",
  404: "Not found",
  409: "Conflict",
  413: "Too large",
  503: "Unavailable",
};

/** The one mapping from a literal code to the wire (RFC 9457, COM-8). Never carries a token. */
export function problemOf(failure: Failure): Problem {
  const status = failure.status ?? ("retry" in failure ? 503 : 403);
  return {
    type: `urn:signalbox:problem:${failure.code}`,
    title: TITLES[status] ?? "Refused",
    status,
    detail: failure.detail,
    code: failure.code,
    ...(failure.claim === undefined ? {} : { claim: failure.claim }),
    ...(failure.jti === undefined ? {} : { jti: failure.jti }),
    ...(failure.retry === undefined ? {} : { retry: failure.retry }),
  };
}

/** The value, or the typed error of the contract that says why not. */
export function valueOr<T>(result: Result<T, Failure>, errors: Errors): T {
  if (result.ok) return result.value;
  throw errorFor(result.error, errors);
}

export function errorFor(failure: Failure, errors: Errors): Error {
  const data = problemOf(failure);
  return errors[BY_STATUS[data.status] ?? "REFUSED"]({ data });
}

/** Which log a view was read from, at which size and when; of the past, as of which entry and when that came. */
export function positionOf(host: Host): Promise<Position> {
  if (host.asOf !== null) return Promise.resolve({ domain: host.engine.ids.domain, ...host.asOf });
  return host.engine.read((_state, head) => ({
    domain: host.engine.ids.domain,
    size: head.size,
    root: head.root,
    atMs: host.ports.clock.nowMs(),
  }));
}
