import type { TabsPort, WatchedPane } from "./notify-ports.ts";

const LEAD = "signalbox-notify";
const LOOK = "signalbox-look-";
const PANES: readonly WatchedPane[] = ["approvals", "control", "behavior"];

/**
 * One tab of the profile notifies: the one that holds a Web Lock, which the browser takes from a tab that dies, and which
 * keeps it from freezing the tab meanwhile. Where somebody looks is a shared lock for the same reason: no tab can leave it
 * behind. Without locks (an insecure origin, where there are no notifications either) every tab is alone.
 */
export function browserTabs(): TabsPort {
  const locks = (): LockManager | undefined => (navigator as { readonly locks?: LockManager }).locks;
  const tell = (): void => {
    const others = new BroadcastChannel(LEAD);
    others.postMessage("look");
    others.close();
  };
  const here = new Set<WatchedPane>();
  /** Held until the returned function is called. */
  const hold = (name: string, mode: LockMode, granted: () => void): (() => void) => {
    const manager = locks();
    if (manager === undefined) {
      granted();
      return () => undefined;
    }
    const end = new AbortController();
    const released = new Promise<void>((resolve) => end.signal.addEventListener("abort", () => resolve()));
    manager
      .request(name, { mode, signal: end.signal }, async () => {
        granted();
        await released;
      })
      // Given up while it was waited for.
      .catch(() => undefined);
    return () => end.abort();
  };
  return {
    lead: (granted) => hold(LEAD, "exclusive", granted),
    look: (pane) => {
      here.add(pane);
      const release = hold(LOOK + pane, "shared", tell);
      return () => {
        here.delete(pane);
        release();
        tell();
      };
    },
    lookedAt: async () => {
      const held = (await locks()?.query())?.held ?? [];
      return new Set(PANES.filter((pane) => here.has(pane) || held.some(({ name }) => name === LOOK + pane)));
    },
    follow: (listener) => {
      const others = new BroadcastChannel(LEAD);
      others.onmessage = listener;
      return () => others.close();
    },
  };
}
