import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useNotifyPorts } from "./notify-context.ts";
import { useNotifyFacts, useWaitingQueue } from "./notify-facts.ts";
import { createNotifier, type NoticeTarget, type Notifier } from "./notify-notifier.ts";
import { NotifyOffer } from "./notify-offer.tsx";
import type { WatchedPane } from "./notify-ports.ts";
import { followSettings, notifySettings } from "./notify-settings.ts";
import { waitWords } from "./notify-words.ts";

/** Notifies of what newly waits while nobody looks at it, and says to a screen reader how much waits. */
export function NotifyFollower() {
  const { notices, sounds, tabs } = useNotifyPorts();
  const navigate = useNavigate();
  const [notifier, setNotifier] = useState<Notifier | null>(null);
  const go = useRef<(target: NoticeTarget) => void>(() => undefined);
  useEffect(() => {
    go.current = ({ to, ...search }) => void navigate({ to, search: search as never });
  });
  useEffect(() => {
    const current = createNotifier({
      notices,
      sounds,
      tabs,
      settings: notifySettings.getState,
      nowMs: () => Date.now(),
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
      go: (target) => go.current(target),
    });
    setNotifier(current);
    const ends = [followSettings(), notifySettings.subscribe(current.look), notices.follow(current.look), current.end];
    return () => {
      for (const end of ends) end();
    };
  }, [notices, sounds, tabs]);
  const facts = useNotifyFacts();
  useEffect(() => notifier?.update(facts), [notifier, facts]);
  useLook();
  return (
    <>
      <WaitingAnnouncement />
      <NotifyOffer />
    </>
  );
}

const WATCHED: Readonly<Record<string, WatchedPane | undefined>> = {
  "/approvals": "approvals",
  "/control": "control",
  "/behavior": "behavior",
};

function followAttention(listener: () => void): () => void {
  window.addEventListener("focus", listener);
  window.addEventListener("blur", listener);
  document.addEventListener("visibilitychange", listener);
  return () => {
    window.removeEventListener("focus", listener);
    window.removeEventListener("blur", listener);
    document.removeEventListener("visibilitychange", listener);
  };
}

/** Somebody has this page before them: a page beside the window they work in may not be looked at. */
const isAttended = (): boolean => document.visibilityState === "visible" && document.hasFocus();

/** Tells all tabs that what waits, or the stops, is being looked at here. */
function useLook(): void {
  const { tabs } = useNotifyPorts();
  const pane = useRouterState({ select: (state) => WATCHED[state.location.pathname] });
  const attended = useSyncExternalStore(followAttention, isAttended);
  useEffect(() => (attended && pane !== undefined ? tabs.look(pane) : undefined), [tabs, attended, pane]);
}

/** Said when the count has settled, at the latest so long after it began to grow, and no more often than that, ms. */
const SETTLED_MS = 1500;
const LATEST_MS = 5000;
const BETWEEN_MS = 15_000;

/** One polite sentence with the new count however many came, never one for each (WCAG 4.1.3). */
function WaitingAnnouncement() {
  const waiting = useWaitingQueue().data?.pending;
  const [words, setWords] = useState("");
  const last = useRef<{ count: number; saidMs: number; grewMs: number | null } | null>(null);
  useEffect(() => {
    if (waiting === undefined) return;
    last.current ??= { count: waiting, saidMs: Number.NEGATIVE_INFINITY, grewMs: null };
    const now = last.current;
    if (waiting <= now.count) {
      last.current = { ...now, count: waiting, grewMs: null };
      setWords("");
      return;
    }
    const nowMs = performance.now();
    now.grewMs ??= nowMs;
    const waitMs = Math.max(0, Math.min(SETTLED_MS, now.grewMs + LATEST_MS - nowMs), now.saidMs + BETWEEN_MS - nowMs);
    const timer = setTimeout(() => {
      last.current = { count: waiting, saidMs: performance.now(), grewMs: null };
      setWords(waitWords(waiting));
    }, waitMs);
    return () => clearTimeout(timer);
  }, [waiting]);
  return (
    <p aria-live="polite" className="sr-only">
      {words}
    </p>
  );
}
