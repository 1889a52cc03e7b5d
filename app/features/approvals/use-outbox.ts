import { useStore } from "zustand";
import { useApi } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { createOutbox, type Outbox, type OutboxItem } from "./outbox.ts";

/** One outbox for each host, for as long as the page lives: leaving the pane neither sends nor loses anything. */
const outboxes = new WeakMap<SignalboxClient, Outbox>();

export function useOutbox(): { readonly outbox: Outbox; readonly items: readonly OutboxItem[] } {
  const { client } = useApi();
  const outbox = outboxOf(client);
  return { outbox, items: useStore(outbox.store, (state) => state.items) };
}

function outboxOf(client: SignalboxClient): Outbox {
  const known = outboxes.get(client);
  if (known !== undefined) return known;
  const made = createOutbox();
  outboxes.set(client, made);
  made.store.subscribe(({ items }) => {
    if (items.some(isUnsent)) window.addEventListener("beforeunload", ask);
    else window.removeEventListener("beforeunload", ask);
  });
  return made;
}

/** The browser asks before it closes a page with decisions that are given and not sent. */
function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

export function isUnsent(item: OutboxItem): boolean {
  return item.state === "waiting" || item.state === "sending";
}

/** The decision about a request that is given and not recorded yet. */
export function unsentOf(items: readonly OutboxItem[], request: string): OutboxItem | undefined {
  return items.find((item) => item.request === request && isUnsent(item));
}
