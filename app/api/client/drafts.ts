import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

/** Steps that can be taken back. */
const MAX_STEPS = 200;

type Text = string | null;

/** How a draft came to be, as long as the page is open: null stands for what it was made of, unchanged. */
interface History {
  readonly past: readonly Text[];
  readonly future: readonly Text[];
  /** The place that was changed last: going on typing there is the same step. */
  readonly place: string | null;
}

interface State {
  readonly texts: Readonly<Record<string, string>>;
  readonly histories: Readonly<Record<string, History>>;
}

const NOTHING: History = { past: [], future: [], place: null };

export interface Drafts {
  /** The draft's text; null where nothing was changed. */
  useDraft(key: string): string | null;
  /** Every draft of this tab, by what it was made of. */
  useDrafts(): Readonly<Record<string, string>>;
  /** Changes a draft; `place` is given while something is typed there, which is then one step. */
  setDraft(key: string, text: string | null, place?: string | null): void;
  /** It has become something else: nothing of it comes back. */
  forget(key: string): void;
  /** What `undo` and `redo` can do now. */
  useSteps(key: string): { readonly canUndo: boolean; readonly canRedo: boolean };
  undo(key: string): void;
  redo(key: string): void;
}

/** Changed documents that are not signed, with the steps that led to them. Kept for this tab only, under this name. */
export function createDrafts(kept: string): Drafts {
  const drafts = createStore<State>(() => ({ texts: stored(kept), histories: {} }));

  const write = (key: string, text: Text, history: History): void => {
    const { texts: all, histories } = drafts.getState();
    const { [key]: _before, ...others } = all;
    const texts = text === null ? others : { ...others, [key]: text };
    drafts.setState({ texts, histories: { ...histories, [key]: history } });
    try {
      sessionStorage.setItem(kept, JSON.stringify(texts));
    } catch {
      // It then lasts as long as the page.
    }
  };

  return {
    useDraft: (key) => useStore(drafts, ({ texts }) => texts[key] ?? null),
    useDrafts: () => useStore(drafts, ({ texts }) => texts),
    setDraft(key, text, place = null) {
      const { texts, histories } = drafts.getState();
      const before = texts[key] ?? null;
      if (before === text) return;
      const { past, place: last } = histories[key] ?? NOTHING;
      const isSameStep = place !== null && place === last;
      write(key, text, { past: isSameStep ? past : [...past, before].slice(-MAX_STEPS), future: [], place });
    },
    forget: (key) => write(key, null, NOTHING),
    useSteps(key) {
      const history = useStore(drafts, ({ histories }) => histories[key]) ?? NOTHING;
      return { canUndo: history.past.length > 0, canRedo: history.future.length > 0 };
    },
    undo(key) {
      const { texts, histories } = drafts.getState();
      const { past, future } = histories[key] ?? NOTHING;
      const to = past.at(-1);
      if (to !== undefined)
        write(key, to, { past: past.slice(0, -1), future: [texts[key] ?? null, ...future], place: null });
    },
    redo(key) {
      const { texts, histories } = drafts.getState();
      const { past, future } = histories[key] ?? NOTHING;
      const [to, ...rest] = future;
      if (to !== undefined) write(key, to, { past: [...past, texts[key] ?? null], future: rest, place: null });
    },
  };
}

function stored(kept: string): Readonly<Record<string, string>> {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(kept) ?? "{}");
    const entries = found !== null && typeof found === "object" ? Object.entries(found) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  } catch {
    // No storage, or not ours: there is no draft.
    return {};
  }
}
