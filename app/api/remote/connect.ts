import { createORPCClient } from "@orpc/client";
import type { ContractRouterClient } from "@orpc/contract";
import { OpenAPILink } from "@orpc/openapi-client/fetch";
import { type Contract, contract } from "../contract/contract.ts";
import { decodeProblem } from "./problem.ts";

/** A client of a host over HTTP: the same operations as over a worker's port. `url` ends before the operations' paths. */
export function connectRemote(url: string): ContractRouterClient<Contract> {
  return createORPCClient(
    new OpenAPILink(contract, {
      url,
      customErrorResponseBodyDecoder: (body, response) => decodeProblem(response.status, body),
    }),
  );
}
