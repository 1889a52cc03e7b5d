import type { ContractRouterClient } from "@orpc/contract";
import type { Contract } from "../contract/contract.ts";

/** Any host, as the page sees it: the same operations over a worker's port, over HTTP or in a test. */
export type SignalboxClient = ContractRouterClient<Contract>;
