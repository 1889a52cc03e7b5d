import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";

export interface TabItem {
  readonly id: string;
  readonly title: ReactNode;
  readonly content: ReactNode;
}

export interface TabsProps {
  readonly label: string;
  readonly items: readonly TabItem[];
  readonly selected: string;
  onSelect(id: string): void;
  readonly className?: string;
}

/** Tabs: one stop of the Tab key, arrow keys choose. Only the chosen one's content is rendered. */
export function Tabs({ label, items, selected, onSelect, className = "" }: TabsProps) {
  const base = useId();
  const list = useRef<HTMLDivElement>(null);
  const at = items.findIndex((item) => item.id === selected);
  const shown = items[at];
  const move = (event: KeyboardEvent): void => {
    const to = tabAfterKey(event.key, at, items.length);
    const item = to === undefined ? undefined : items[to];
    if (to === undefined || item === undefined) return;
    event.preventDefault();
    onSelect(item.id);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[to]?.focus();
  };
  return (
    <div className={`flex min-h-0 flex-col ${className}`}>
      <div
        ref={list}
        role="tablist"
        aria-label={label}
        onKeyDown={move}
        className="flex shrink-0 gap-4 overflow-x-auto border-b border-line"
      >
        {items.map((item) => (
          <button
            key={item.id}
            type="button"
            role="tab"
            id={`${base}-tab-${item.id}`}
            aria-selected={item.id === selected}
            aria-controls={item.id === selected ? `${base}-panel-${item.id}` : undefined}
            tabIndex={item.id === selected ? 0 : -1}
            onClick={() => onSelect(item.id)}
            className="-mb-px border-b-2 border-transparent px-0.5 py-1.5 whitespace-nowrap text-muted -outline-offset-2 hover:text-ink aria-selected:border-accent aria-selected:font-semibold aria-selected:text-ink"
          >
            {item.title}
          </button>
        ))}
      </div>
      {shown === undefined ? null : (
        <div
          role="tabpanel"
          id={`${base}-panel-${shown.id}`}
          aria-labelledby={`${base}-tab-${shown.id}`}
          className="min-h-0 flex-1 pt-3"
        >
          {shown.content}
        </div>
      )}
    </div>
  );
}

function tabAfterKey(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case "ArrowRight":
      return (at + 1) % count;
    case "ArrowLeft":
      return (at - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}
