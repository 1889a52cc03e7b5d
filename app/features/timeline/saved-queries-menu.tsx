import { defaultStringifySearch } from "@tanstack/react-router";
import { Bookmark, Link, Pencil, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { Button, IconButton } from "../../ui/button.tsx";
import { DetailsPopover } from "../../ui/details-popover.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { readSaved, remove, rename, type SavedQuery, save } from "./saved-queries.ts";

/** Queries with a name, in this browser profile: run, renamed, removed, or handed on as a link. */
export function SavedQueries({
  query,
  canSave,
  onRun,
}: {
  readonly query: string;
  readonly canSave: boolean;
  onRun(query: string): void;
}) {
  const trigger = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <IconButton
        ref={trigger}
        label="Saved queries"
        icon={Bookmark}
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        onPress={() => setOpen(!isOpen)}
      />
      {isOpen ? (
        <DetailsPopover trigger={trigger} title="Saved queries" placement="bottom end" onClose={() => setOpen(false)}>
          <SavedList
            query={query}
            canSave={canSave}
            onRun={(chosen) => {
              setOpen(false);
              onRun(chosen);
            }}
          />
        </DetailsPopover>
      ) : null}
    </>
  );
}

function SavedList({
  query,
  canSave,
  onRun,
}: {
  readonly query: string;
  readonly canSave: boolean;
  onRun(query: string): void;
}) {
  const [saved, setSaved] = useState(() => readSaved(localStorage));
  const [name, setName] = useState("");
  const [said, setSaid] = useState("");
  const after = (kept: boolean, words: string): void => {
    setSaved(readSaved(localStorage));
    setSaid(kept ? words : "This browser keeps nothing: the query is not saved.");
  };
  return (
    <div className="flex flex-col gap-3">
      {saved.length === 0 ? (
        <p className="text-muted">None yet. A saved query is kept in this browser profile.</p>
      ) : null}
      <ul className="flex flex-col gap-1">
        {saved.map((one) => (
          <SavedRow
            key={one.name}
            saved={one}
            onRun={() => onRun(one.query)}
            onRename={(to) => after(rename(one.name, to, localStorage), `Renamed to ${to}.`)}
            onRemove={() => after(remove(one.name, localStorage), `${one.name} is removed.`)}
            onLink={async () => {
              const copied = await copyLink(one.query);
              setSaid(copied ? "The link is copied." : "The link could not be copied.");
            }}
          />
        ))}
      </ul>
      {canSave ? (
        <form
          className="flex items-end gap-2 border-t border-line pt-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() === "") return;
            after(save(name.trim(), query, localStorage), `Saved as ${name.trim()}.`);
            setName("");
          }}
        >
          <div className="min-w-0 flex-1">
            <TextField label="Save this query as" value={name} onChange={setName} maxLength={80} />
          </div>
          <Button type="submit" isDisabled={name.trim() === ""}>
            Save
          </Button>
        </form>
      ) : (
        <p className="text-xs text-muted">Type a query to save it here.</p>
      )}
      <p role="status" className="text-xs text-muted">
        {said}
      </p>
    </div>
  );
}

function SavedRow({
  saved,
  onRun,
  onRename,
  onRemove,
  onLink,
}: {
  readonly saved: SavedQuery;
  onRun(): void;
  onRename(to: string): void;
  onRemove(): void;
  onLink(): Promise<void>;
}) {
  const [draft, setDraft] = useState<string | null>(null);
  if (draft !== null) {
    return (
      <li>
        <form
          className="flex items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (draft.trim() === "") return;
            setDraft(null);
            onRename(draft.trim());
          }}
        >
          <div className="min-w-0 flex-1">
            <TextField label={`New name of ${saved.name}`} value={draft} onChange={setDraft} maxLength={80} autoFocus />
          </div>
          <Button type="submit">Rename</Button>
        </form>
      </li>
    );
  }
  return (
    <li className="flex items-center gap-1">
      <Button variant="quiet" className="min-w-0 flex-1 justify-start" onPress={onRun}>
        <span className="min-w-0 truncate">{saved.name}</span>
        <span className="min-w-0 truncate font-mono text-xs text-muted">{saved.query}</span>
      </Button>
      <IconButton label={`Copy a link to ${saved.name}`} icon={Link} size="sm" onPress={() => void onLink()} />
      <IconButton label={`Rename ${saved.name}`} icon={Pencil} size="sm" onPress={() => setDraft(saved.name)} />
      <IconButton label={`Remove ${saved.name}`} icon={Trash2} size="sm" onPress={onRemove} />
    </li>
  );
}

/** The address of this console with the query in it. */
async function copyLink(query: string): Promise<boolean> {
  const address = new URL(window.location.href);
  address.pathname = "/timeline";
  address.search = defaultStringifySearch({ q: query });
  try {
    await navigator.clipboard.writeText(address.href);
    return true;
  } catch {
    return false;
  }
}
