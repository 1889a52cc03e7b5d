import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

/** Changed policies that are not issued, by the jti of the policy they were made of. Kept for this tab only. */
const KEPT = "signalbox.policy-drafts";

const drafts = createStore<{ readonly texts: Readonly<Record<string, string>> }>(() => ({ texts: stored() }));

function stored(): Readonly<Record<string, string>> {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    const entries = found !== null && typeof found === "object" ? Object.entries(found) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  } catch {
    // No storage, or not ours: there is no draft.
    return {};
  }
}

/** The draft's text; null where the policy was not changed. */
export function useDraft(jti: string): string | null {
  return useStore(drafts, ({ texts }) => texts[jti] ?? null);
}

export function setDraft(jti: string, text: string | null): void {
  const { [jti]: _before, ...others } = drafts.getState().texts;
  const texts = text === null ? others : { ...others, [jti]: text };
  drafts.setState({ texts });
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(texts));
  } catch {
    // It then lasts as long as the page.
  }
}
