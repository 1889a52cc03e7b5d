import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo } from "react";
import { createStore } from "zustand/vanilla";
import type { LoadedPane, PaneEntry, PaneKey } from "./panes.ts";
import { parseSearch, type SearchPatch } from "./parse-search.ts";

/** The pane in view: its title for the page's, its keys for the help sheet. */
export const paneKeys = createStore<{ readonly title: string; readonly keys: readonly PaneKey[] }>(() => ({
  title: "",
  keys: [],
}));

/** What a pane's route shows: gives the pane its search parameters, its title and its place in the help sheet. */
export function PaneHost({ entry, loaded }: { readonly entry: PaneEntry; readonly loaded: LoadedPane }) {
  const { Pane, schema, keys } = loaded;
  const raw = useSearch({ strict: false }) as SearchPatch;
  const navigate = useNavigate();
  const { history } = useRouter();
  const search = useMemo(() => parseSearch(schema, raw), [schema, raw]);
  useEffect(() => {
    paneKeys.setState({ title: entry.title, keys });
    return () => {
      paneKeys.setState({ title: "", keys: [] });
    };
  }, [entry, keys]);
  const setSearch = useCallback(
    (patch: SearchPatch, options: { readonly replace?: boolean } = {}): void => {
      // While the next pane is still loading this one is on screen, and must not take its operator back.
      if (history.location.pathname !== entry.path) return;
      const merge = (now: SearchPatch): Record<string, unknown> =>
        Object.fromEntries(Object.entries({ ...now, ...patch }).filter(([, value]) => value !== undefined));
      // Which parameters a path takes is each pane's to say: the router's types do not know.
      void navigate({ to: entry.path, search: merge as never, replace: options.replace ?? false });
    },
    [navigate, history, entry],
  );
  return (
    <>
      <h1 className="sr-only">{entry.title}</h1>
      <Pane search={search} setSearch={setSearch} />
    </>
  );
}
