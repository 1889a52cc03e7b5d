import { useId } from "react";
import { Button } from "../../ui/button.tsx";

export interface SignFooterProps {
  /** What closing without a signature means. */
  readonly leave: string;
  readonly sign: string;
  /** Why it cannot be signed now, beside the button; null where it can. */
  readonly why: string | null;
  readonly isBusy: boolean;
  onLeave(): void;
  onSign(): void;
}

/** The lower edge of a dialog in which finance signs: a button that cannot be pressed says why, to everybody. */
export function SignFooter({ leave, sign, why, isBusy, onLeave, onSign }: SignFooterProps) {
  const id = useId();
  return (
    <>
      {why === null ? null : (
        <p id={id} className="mr-auto min-w-48 flex-1 self-center text-muted">
          {why}
        </p>
      )}
      <Button variant="quiet" onPress={onLeave}>
        {leave}
      </Button>
      <Button
        variant="primary"
        {...(why === null ? {} : { "aria-describedby": id, whyNot: why })}
        isDisabled={isBusy}
        onPress={onSign}
      >
        {isBusy ? "Signing …" : sign}
      </Button>
    </>
  );
}
