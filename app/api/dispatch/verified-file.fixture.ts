import type { ContractRouterClient } from "@orpc/contract";
import { must } from "../../base/assert.ts";
import type { Contract } from "../contract/contract.ts";

/** The report on an exported log, which its last event carries. */
export async function verifiedExport(
  client: Pick<ContractRouterClient<Contract>, "audit">,
  input: { readonly text: string; readonly checkpoint?: string },
) {
  const events = [];
  for await (const event of await client.audit.verifyExport(input)) if (event.type === "report") events.push(event);
  return must(events[0], "the last event is the report");
}
