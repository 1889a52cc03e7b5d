import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";
import { useApi } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { must } from "../base/assert.ts";
import { openKeyStore } from "./key-store.ts";
import { type Announcement, createOperatorSession, type OperatorSession, type OperatorState } from "./session.ts";

const TABS = "signalbox-operator";
/** Null outside of a provider; `useOperatorSession` is for whoever needs one. */
export const OperatorContext = createContext<OperatorSession | null>(null);

/** Holds the operators' keys for everything below it. `session` is given in tests. */
export function OperatorProvider({
  session: given,
  children,
}: {
  readonly session?: OperatorSession;
  readonly children: ReactNode;
}) {
  const { client } = useApi();
  // One channel to tell and to hear: it never brings a tab its own news, which would read the key again under an answer.
  const others = useRef<BroadcastChannel | null>(null);
  const session = useMemo(
    () => given ?? ownSession(client, (what) => others.current?.postMessage(what)),
    [client, given],
  );
  useEffect(() => {
    const tabs = new BroadcastChannel(TABS);
    others.current = tabs;
    // Each tab opens the key by itself; closing it by hand closes it in all of them.
    tabs.onmessage = ({ data }: MessageEvent<Announcement>) => {
      if (data === "locked") session.lock("here");
      else void session.load();
    };
    void session
      .load()
      .then(() => session.checkEnrolled())
      // Not knowing whether the log knows the key is no reason to take the stop away; it is asked again at next load.
      .catch(() => undefined);
    return () => {
      others.current = null;
      tabs.close();
    };
  }, [session]);
  return <OperatorContext value={session}>{children}</OperatorContext>;
}

function ownSession(client: SignalboxClient, announce: (what: Announcement) => void): OperatorSession {
  return createOperatorSession({
    client,
    openKeyStore: () => openKeyStore(),
    nowMs: () => Date.now(),
    announce,
  });
}

export interface UseOperator extends OperatorState, Pick<OperatorSession, "confirmPresence" | "sign"> {
  /** Asks on the screen to sign in; resolves when somebody is, rejects when it was put away. */
  enrol(name: string): Promise<void>;
}

/** The operator of this profile and how to sign as them. */
export function useOperator(): UseOperator {
  const session = useOperatorSession();
  const state = useStore(session.store);
  return useMemo(
    () => ({
      ...state,
      enrol: (name: string) => session.request({ kind: "sign-in", name }),
      confirmPresence: session.confirmPresence,
      sign: session.sign,
    }),
    [state, session],
  );
}

export function useOperatorSession(): OperatorSession {
  return must(useContext(OperatorContext), "useOperator is used inside an OperatorProvider");
}
