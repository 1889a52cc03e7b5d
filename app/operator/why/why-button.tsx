import { lazy, Suspense, useState } from "react";
import { Button } from "../../ui/button.tsx";
import { Loading } from "../../ui/states.tsx";
import type { WhyAsked } from "./why-dialog.tsx";

const WhyDialog = lazy(() => import("./why-dialog.tsx").then((loaded) => ({ default: loaded.WhyDialog })));

export interface WhyButtonProps {
  /** The entry that made it so, or the workflow whose status is asked about. */
  readonly asked: WhyAsked;
  /** What is asked about, as a name for the dialog: "this request". */
  readonly what: string;
}

/** Why something is as it is: opens the entries that made it so. The same in every pane. */
export function WhyButton({ asked, what }: WhyButtonProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        size="sm"
        variant="quiet"
        aria-label={`Why: ${what}`}
        aria-haspopup="dialog"
        onPress={() => setOpen(true)}
      >
        Why?
      </Button>
      {isOpen ? (
        <Suspense fallback={<Loading what="the reasons" />}>
          <WhyDialog asked={asked} what={what} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
