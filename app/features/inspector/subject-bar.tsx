import { type FormEvent, useState } from "react";
import { useStore } from "zustand";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { TextField } from "../../ui/text-field.tsx";
import type { InspectorSearch, SetInspectorSearch } from "./inspector-search.ts";
import { paste, pasted } from "./pasted.ts";

export interface SubjectBarProps {
  readonly search: InspectorSearch;
  readonly setSearch: SetInspectorSearch;
  /** The token in view, where it came out of the log. */
  readonly logged: string | null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NOTHING = { entry: undefined, jti: undefined, at: undefined };

/** A token from anywhere, or the name of one in the log. */
export function SubjectBar({ search, setSearch, logged }: SubjectBarProps) {
  const { text, tooLong } = useStore(pasted);
  const isPicked = search.entry !== undefined || search.jti !== undefined;
  const change = (value: string): void => {
    paste(value);
    if (isPicked || search.at !== undefined) setSearch(NOTHING, { replace: true });
  };
  const shown = isPicked ? (logged ?? "") : text;
  return (
    <div className="grid gap-3 md:grid-cols-[minmax(0,1fr)_18rem]">
      <TextField
        label="Token"
        value={shown}
        onChange={change}
        multiline
        mono
        rows={4}
        placeholder="Paste a token of the family"
        description={
          isPicked
            ? "From this log. Paste another to look at that."
            : "It stays in this page: in no link and in no storage."
        }
        errorMessage={
          tooLong === null || isPicked
            ? undefined
            : `${formatCount(tooLong)} characters are no token: it has at most 16,384 bytes (token_too_large). Nothing of it was kept.`
        }
      />
      <div className="flex flex-col gap-2">
        <PickForm
          key={search.entry ?? search.jti ?? ""}
          first={String(search.entry ?? search.jti ?? "")}
          onPick={(pick) => setSearch({ ...NOTHING, ...pick })}
        />
        {isPicked || text !== "" || tooLong !== null ? (
          <div>
            <Button size="sm" shortcut="x" onPress={() => change("")}>
              Clear
            </Button>
          </div>
        ) : null}
      </div>
    </div>
  );
}

type Pick = { readonly entry: number } | { readonly jti: string };

function PickForm({ first, onPick }: { readonly first: string; onPick(pick: Pick): void }) {
  const [typed, setTyped] = useState(first);
  const [problem, setProblem] = useState<string>();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const pick = pickOf(typed);
    setProblem(pick === null ? "An entry number or a token id is needed." : undefined);
    if (pick !== null) onPick(pick);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <TextField
        label="Entry number or token id"
        name="pick"
        value={typed}
        onChange={setTyped}
        mono
        maxLength={64}
        errorMessage={problem}
      />
      <div>
        <Button type="submit" size="sm">
          Take it from the log
        </Button>
      </div>
    </form>
  );
}

function pickOf(typed: string): Pick | null {
  const text = typed.trim();
  if (/^\d{1,15}$/.test(text)) return { entry: Number(text) };
  const jti = text.toLowerCase();
  return UUID.test(jti) ? { jti } : null;
}
