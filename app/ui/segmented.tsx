import { type KeyboardEvent, type ReactNode, useRef } from "react";

export interface SegmentedOption<Id extends string> {
  readonly id: Id;
  readonly name: string;
  /** Shown instead of the name, which stays the accessible name. */
  readonly icon?: ReactNode;
}

export interface SegmentedProps<Id extends string> {
  readonly label: string;
  readonly options: readonly SegmentedOption<NoInfer<Id>>[];
  readonly selected: Id;
  onChange(id: NoInfer<Id>): void;
  readonly className?: string;
}

/** One of a few, all in view: a radio group, one stop of the Tab key, arrow keys choose. */
export function Segmented<Id extends string>({
  label,
  options,
  selected,
  onChange,
  className = "",
}: SegmentedProps<Id>) {
  const group = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = options.findIndex((option) => option.id === selected);
    const to = (at + step + options.length) % options.length;
    const option = options[to];
    if (option === undefined) return;
    onChange(option.id);
    group.current?.querySelectorAll<HTMLElement>('[role="radio"]')[to]?.focus();
  };
  return (
    <div
      ref={group}
      role="radiogroup"
      aria-label={label}
      onKeyDown={move}
      className={`inline-flex min-h-8 max-w-full shrink-0 flex-wrap overflow-hidden rounded-md border border-strong bg-raised ${className}`}
    >
      {options.map((option) => (
        // biome-ignore lint/a11y/useSemanticElements: a radio input cannot hold an icon; the group moves the focus itself
        <button
          key={option.id}
          type="button"
          role="radio"
          aria-checked={option.id === selected}
          aria-label={option.icon === undefined ? undefined : option.name}
          title={option.icon === undefined ? undefined : option.name}
          tabIndex={option.id === selected ? 0 : -1}
          onClick={() => onChange(option.id)}
          className="min-h-7.5 border-r border-line px-2.5 text-xs whitespace-nowrap -outline-offset-2 last:border-r-0 hover:bg-sunken aria-checked:bg-accent-soft aria-checked:font-semibold"
        >
          {option.icon ?? option.name}
        </button>
      ))}
    </div>
  );
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
