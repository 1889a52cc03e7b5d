import { X } from "lucide-react";
import { type ReactNode, useId } from "react";
import { IconButton } from "./button.tsx";

export interface DrawerProps {
  readonly title: ReactNode;
  readonly isOpen: boolean;
  onClose(): void;
  readonly actions?: ReactNode;
  /** A row below the heading that does not scroll away. */
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}

/**
 * Details beside what they belong to, not modal: on a wide screen the last child of a flex row, on a phone a sheet above
 * the lower bar. Takes no focus when it opens, so that moving through a list goes on; Escape inside it closes it.
 */
export function Drawer({ title, isOpen, onClose, actions, footer, children }: DrawerProps) {
  const id = useId();
  if (!isOpen) return null;
  return (
    <aside
      aria-labelledby={id}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        // A dialog that was opened from here stands elsewhere in the document, and has keys of its own.
        if (!(event.target instanceof Node && event.currentTarget.contains(event.target))) return;
        event.stopPropagation();
        onClose();
      }}
      className="fixed inset-x-0 bottom-[var(--shell-bottom)] z-30 flex max-h-[min(70dvh,100dvh-var(--shell-bottom)-var(--notes-top)-var(--notes))] flex-col border-t border-strong bg-panel md:static md:z-auto md:h-full md:max-h-none md:w-[26rem] md:shrink-0 md:border-t-0 md:border-l md:border-line"
    >
      <header className="flex min-h-10 items-center gap-2 border-b border-line px-3 py-1">
        <h2 id={id} className="min-w-0 flex-1 truncate text-base font-semibold">
          {title}
        </h2>
        {actions}
        <IconButton label="Close" icon={X} size="sm" shortcut="Escape" onPress={onClose} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region is reached by keyboard to be scrolled */}
      <div className="min-h-0 flex-1 overflow-auto p-3" tabIndex={0}>
        {children}
      </div>
      {footer === undefined ? null : <footer className="border-t border-line p-3">{footer}</footer>}
    </aside>
  );
}
