import type { Sha256 } from "../../base/ports.ts";
import { checkEntries } from "../../protocol/audit/entry-check.ts";
import { createKeyBook } from "../../protocol/audit/key-book.ts";
import { type FromCheckWorker, packChecks, type ToCheckWorker } from "./messages.ts";

/** What a check worker does with its messages. It decides nothing: whether entries follow one another is told elsewhere. */
export function createCheckService(
  sha256: Sha256,
  ports: { hold(lock: string): void; post(message: FromCheckWorker): void },
): (message: ToCheckWorker) => Promise<void> {
  const keys = createKeyBook();
  let ownIds: readonly string[] = [];
  return async (message) => {
    if (message.t === "open") {
      ownIds = message.ownIds;
      ports.hold(message.lock);
      return;
    }
    const { id, first, entries, bindings, identities } = message;
    for (const binding of bindings) keys.bind(binding);
    try {
      const checks = await checkEntries({ first, entries, keys, identities }, { ownIds, sha256 });
      ports.post({ t: "checked", id, checks: packChecks(checks) });
    } catch (error) {
      ports.post({ t: "failed", id, detail: error instanceof Error ? error.message : "the check broke off" });
    }
  };
}
