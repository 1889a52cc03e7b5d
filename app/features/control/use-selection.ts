import { useEffect, useRef } from "react";
import type { OverrideSignal } from "../../api/contract/override.ts";
import type { ControlSearch, SetControlSearch } from "./control-search.ts";

/** What the detail shows: a signal, nothing because there is none, or a link to a signal that is not among those shown. */
export type Selection =
  | { readonly kind: "signal"; readonly signal: OverrideSignal }
  | { readonly kind: "none" }
  /** `elsewhere`: the log has it, but it does not touch the chosen workflow. */
  | { readonly kind: "absent"; readonly jti: string; readonly elsewhere: boolean };

/** A link is answered with exactly the signal it names: a release is never offered for another one in its place. */
export function selectionOf(
  named: string | undefined,
  shown: readonly OverrideSignal[],
  all: readonly OverrideSignal[],
): Selection {
  if (named === undefined) return shown[0] === undefined ? { kind: "none" } : { kind: "signal", signal: shown[0] };
  const signal = shown.find((one) => one.jti === named);
  if (signal !== undefined) return { kind: "signal", signal };
  return { kind: "absent", jti: named, elsewhere: all.some((one) => one.jti === named) };
}

/**
 * The first signal, once shown, is pinned in the URL: a stop that arrives later goes to the top of the list and does not
 * change what lies under the pointer. Another workflow begins with the first of its own.
 */
export function usePinned(selection: Selection, search: ControlSearch, setSearch: SetControlSearch): void {
  const last = useRef(search);
  const first = selection.kind === "signal" ? selection.signal.jti : undefined;
  const absent = selection.kind === "absent";
  useEffect(() => {
    const before = last.current;
    last.current = search;
    const switched = search.wid !== undefined && before.wid !== search.wid && before.signal === search.signal;
    if (switched && absent) setSearch({ signal: undefined }, { replace: true });
    else if (search.signal === undefined && first !== undefined) setSearch({ signal: first }, { replace: true });
  }, [search, setSearch, first, absent]);
}
