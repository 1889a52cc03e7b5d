import type { ReactNode, RefObject } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { type Placement, Popover } from "react-aria-components/Popover";

export interface DetailsPopoverProps {
  readonly trigger: RefObject<HTMLElement | null>;
  readonly title: string;
  readonly placement: Placement;
  onClose(): void;
  readonly children: ReactNode;
}

export function DetailsPopover({ trigger, title, placement, onClose, children }: DetailsPopoverProps) {
  return (
    <Popover
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
      triggerRef={trigger}
      placement={placement}
      className="z-50 w-96 max-w-[calc(100vw-1rem)]"
    >
      <Dialog className="max-h-[70dvh] overflow-auto border border-strong bg-raised p-3 shadow-overlay outline-none">
        <Heading slot="title" className="mb-2 font-semibold">
          {title}
        </Heading>
        {children}
      </Dialog>
    </Popover>
  );
}
