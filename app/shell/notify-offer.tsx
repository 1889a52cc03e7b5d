import { useRouterState } from "@tanstack/react-router";
import { useOperator } from "../operator/operator-context.tsx";
import { Button } from "../ui/button.tsx";
import { useNoticePermission, useNotifyPorts } from "./notify-context.ts";
import { useWaitingQueue } from "./notify-facts.ts";
import { setNotify, useNotifySettings } from "./notify-settings.ts";

/**
 * Offers notifications where they make sense to whoever reads it: in the approvals, when something waits, until it was
 * answered once. The browser's own question comes only after a press.
 */
export function NotifyOffer() {
  const isApprovals = useRouterState({ select: (state) => state.location.pathname === "/approvals" });
  const waiting = useWaitingQueue().data?.pending ?? 0;
  const permission = useNoticePermission();
  const { choice } = useNotifySettings();
  const { status } = useOperator();
  const turnOn = useTurnOn();
  if (!isApprovals || status !== "ready" || waiting === 0 || permission !== "unasked" || choice !== null) return null;
  return (
    <section
      aria-label="Offer of notifications"
      className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-panel px-3 py-1"
    >
      <p className="min-w-0 flex-1 basis-64 text-muted">
        This browser can tell you of new requests while you are elsewhere. It makes no sound unless you turn one on.
      </p>
      <div className="flex gap-2">
        <Button size="sm" onPress={turnOn}>
          Turn on notifications …
        </Button>
        <Button size="sm" variant="quiet" onPress={() => setNotify("declined")}>
          No, thanks
        </Button>
      </div>
    </section>
  );
}

/** Turns notifications on, asking the browser where it has not been asked; a no there turns nothing on. */
export function useTurnOn(): () => void {
  const { notices } = useNotifyPorts();
  return () => {
    void notices.ask().then((answer) => {
      if (answer === "granted") setNotify("on");
    });
  };
}
