import { lazy, type ReactNode, Suspense, useRef, useState } from "react";

const DetailsPopover = lazy(() =>
  import("./details-popover.tsx").then((loaded) => ({ default: loaded.DetailsPopover })),
);

export interface DetailsProps {
  readonly trigger: ReactNode;
  /** The accessible name where it is more than the words of the trigger, which it must contain. */
  readonly label?: string;
  readonly title: string;
  readonly placement?: "top start" | "bottom start" | "bottom end";
  readonly className?: string;
  /** What stands in it; where something in it leads elsewhere, it is given how to close it. */
  readonly children: ReactNode | ((close: () => void) => ReactNode);
}

/** A value that opens its details in a popover, which is loaded when it is first asked for. */
export function Details({ trigger, label, title, placement = "top start", className = "", children }: DetailsProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen((now) => !now)}
        className={`inline-flex min-w-0 items-center -outline-offset-2 hover:bg-sunken ${className}`}
      >
        {trigger}
      </button>
      {isOpen ? (
        <Suspense>
          <DetailsPopover trigger={button} title={title} placement={placement} onClose={close}>
            {typeof children === "function" ? children(close) : children}
          </DetailsPopover>
        </Suspense>
      ) : null}
    </>
  );
}
