import { Button } from "../../../ui/button.tsx";
import { Details } from "../../../ui/details.tsx";
import type { HandleForm } from "./use-handle.ts";

export interface HandleMenuProps {
  readonly form: HandleForm;
}

/** What one can do with a request besides deciding it, behind one press, each with its key. */
export function HandleMenu({ form }: HandleMenuProps) {
  const { verbs, blocked, stays } = form;
  const first = verbs.find(({ problem }) => blocked === null && problem === null);
  return (
    <Details
      trigger="Handle …"
      title="Without deciding"
      placement="bottom end"
      className="h-7 rounded-md border border-line px-2 text-sm"
    >
      {(close) => (
        <fieldset
          className="min-w-0 space-y-3"
          onKeyDown={(event) => {
            const { key, ctrlKey, metaKey, altKey } = event;
            const choice = ctrlKey || metaKey || altKey ? undefined : verbs.find((one) => one.key === key);
            if (choice === undefined || !form.begin(choice.verb)) return;
            // What opens now must not be given this letter.
            event.preventDefault();
            close();
          }}
        >
          {blocked === null ? null : <p className="text-warning">{blocked}</p>}
          {stays === null ? null : <p>{stays}</p>}
          {verbs.map(({ verb, key, label, does, problem }) => (
            <div key={verb} className="space-y-1">
              <Button
                writes
                shortcut={key}
                autoFocus={verb === first?.verb}
                isDisabled={blocked !== null || problem !== null}
                onPress={() => {
                  close();
                  form.begin(verb);
                }}
              >
                {label}
              </Button>
              <p className="text-muted">{problem ?? does}</p>
            </div>
          ))}
        </fieldset>
      )}
    </Details>
  );
}
