import { useStore } from "zustand";
import { Checkbox } from "../ui/checkbox.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { KeyCap } from "../ui/key-cap.tsx";
import { closeOverlay } from "./overlays.ts";
import { paneKeys } from "./pane-host.tsx";
import { PANES, type PaneKey } from "./panes.ts";
import { setSingleKeys, useSingleKeys } from "./single-keys.ts";

const GLOBAL: readonly PaneKey[] = [
  { keys: "Alt+Shift+X", does: "hold for 0.8 s: stop everything" },
  { keys: "Ctrl+K", does: "find or do anything" },
  ...PANES.map((pane) => ({ keys: `g ${pane.key}`, does: `go to ${pane.title}` })),
  { keys: "g q", does: "go to the queue of all that waits" },
  { keys: "g h", does: "show the console as of an earlier entry; again to return to now" },
  { keys: "ArrowLeft ArrowRight", does: "with the slider of the past: one entry back or on" },
  {
    keys: "PageDown PageUp Home End",
    does: "there: a hundredth of the log back or on, to the first or the newest entry",
  },
  { keys: "w", does: "what waits, and notifications" },
  { keys: "?", does: "this sheet" },
  { keys: "Esc", does: "close what is open" },
];

/** The keys of the pane in view and of the whole console. */
export function HelpSheet() {
  const pane = useStore(paneKeys);
  const single = useSingleKeys();
  return (
    <Dialog title="Keys" isOpen onOpenChange={() => closeOverlay("help")} size="lg">
      <div className="grid gap-6 md:grid-cols-2">
        <KeyList title="Everywhere" keys={GLOBAL} />
        {pane.keys.length === 0 ? null : <KeyList title={pane.title} keys={pane.keys} />}
      </div>
      <div className="mt-6 border-t border-line pt-3">
        <Checkbox isSelected={single} onChange={setSingleKeys}>
          Single-letter keys act. Turn them off where a voice or a switch device types letters.
        </Checkbox>
      </div>
    </Dialog>
  );
}

function KeyList({ title, keys }: { readonly title: string; readonly keys: readonly PaneKey[] }) {
  return (
    <section>
      <h3 className="mb-2 font-semibold">{title}</h3>
      <dl className="grid grid-cols-[max-content_1fr] items-center gap-x-4 gap-y-1.5">
        {keys.map((key) => (
          <div key={key.keys} className="contents">
            <dt className="flex flex-wrap items-center gap-1 max-md:max-w-36">
              <Caps keys={key.keys} />
            </dt>
            <dd>{key.does}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const ARROWS: Readonly<Record<string, string>> = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };

/** `j / k` is two keys, `Ctrl+K` two at once, `g w` one after the other. A slash that stands alone is a key. */
function Caps({ keys }: { readonly keys: string }) {
  const parts = keys.split(" ");
  return parts.map((part, at) => {
    const id = `${part} ${at}`;
    if (part === "/" && parts.length > 1) return <span key={id}>or</span>;
    const caps = part.length > 1 ? part.split("+") : [part];
    return caps.map((cap) => <KeyCap key={`${id} ${cap}`}>{ARROWS[cap] ?? cap}</KeyCap>);
  });
}
