import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

/** Changed policies that are not issued, by the jti of the policy they were made of. Kept for this tab only. */
const KEPT = "signalbox.policy-drafts";
/** Steps that can be taken back. */
const MAX_STEPS = 200;

type Text = string | null;

/** How a draft came to be, as long as the page is open: null stands for the policy as it was issued. */
interface History {
  readonly past: readonly Text[];
  readonly future: readonly Text[];
  /** The place that was changed last: going on typing there is the same step. */
  readonly place: string | null;
}

interface Drafts {
  readonly texts: Readonly<Record<string, string>>;
  readonly histories: Readonly<Record<string, History>>;
}

const drafts = createStore<Drafts>(() => ({ texts: stored(), histories: {} }));
const NOTHING: History = { past: [], future: [], place: null };

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

/** Every draft of this tab, by the jti of the policy it was made of. */
export function useDrafts(): Readonly<Record<string, string>> {
  return useStore(drafts, ({ texts }) => texts);
}

/** Changes a draft; `place` is given while something is typed there, which is then one step. */
export function setDraft(jti: string, text: Text, place: string | null = null): void {
  const { texts, histories } = drafts.getState();
  const before = texts[jti] ?? null;
  if (before === text) return;
  const { past, place: last } = histories[jti] ?? NOTHING;
  const isSameStep = place !== null && place === last;
  write(jti, text, { past: isSameStep ? past : [...past, before].slice(-MAX_STEPS), future: [], place });
}

/** What `undo` and `redo` can do now. */
export function useSteps(jti: string): { readonly canUndo: boolean; readonly canRedo: boolean } {
  const history = useStore(drafts, ({ histories }) => histories[jti]) ?? NOTHING;
  return { canUndo: history.past.length > 0, canRedo: history.future.length > 0 };
}

export function undo(jti: string): void {
  const { texts, histories } = drafts.getState();
  const { past, future } = histories[jti] ?? NOTHING;
  const to = past.at(-1);
  if (to !== undefined)
    write(jti, to, { past: past.slice(0, -1), future: [texts[jti] ?? null, ...future], place: null });
}

export function redo(jti: string): void {
  const { texts, histories } = drafts.getState();
  const { past, future } = histories[jti] ?? NOTHING;
  const [to, ...rest] = future;
  if (to !== undefined) write(jti, to, { past: [...past, texts[jti] ?? null], future: rest, place: null });
}

function write(jti: string, text: Text, history: History): void {
  const { texts: all, histories } = drafts.getState();
  const { [jti]: _before, ...others } = all;
  const texts = text === null ? others : { ...others, [jti]: text };
  drafts.setState({ texts, histories: { ...histories, [jti]: history } });
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(texts));
  } catch {
    // It then lasts as long as the page.
  }
}
