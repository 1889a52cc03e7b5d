import type { NoticePermission, NoticePort } from "./notify-ports.ts";

const STATES = { default: "unasked", granted: "granted", denied: "denied" } as const;

/** `renotify` is in the standard and not in every list of types. */
type Options = NotificationOptions & { readonly renotify?: boolean };

/** The browser's notifications, of the page itself: they need no service worker, and so are not there on every phone. */
export function browserNotices(): NoticePort {
  const open = new Map<string, Notification>();
  const listeners = new Set<() => void>();
  let isRefused = false;
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const permission = (): NoticePermission => {
    if (!window.isSecureContext) return "insecure";
    return isRefused || !("Notification" in window) ? "unsupported" : STATES[Notification.permission];
  };
  let isFollowed = false;
  const followStatus = (): void => {
    // Where the browser tells nothing of changes they are seen when the person comes back to the page.
    window.addEventListener("focus", changed);
    if (isFollowed) return;
    isFollowed = true;
    navigator.permissions
      ?.query({ name: "notifications" })
      .then((now) => now.addEventListener("change", changed))
      .catch(() => undefined);
  };
  return {
    permission,
    ask: async () => {
      if (permission() === "unasked") await Notification.requestPermission();
      changed();
      return permission();
    },
    follow: (listener) => {
      followStatus();
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) window.removeEventListener("focus", changed);
      };
    },
    show: ({ tag, title, body, alerts, stays, onPress, onClose }) => {
      if (permission() !== "granted") return false;
      const options: Options = { tag, body, renotify: alerts, requireInteraction: stays, silent: true, lang: "en" };
      let notice: Notification;
      try {
        notice = new Notification(title, options);
      } catch {
        // Phones' browsers have the constructor, and throw: there only a service worker may show one.
        isRefused = true;
        changed();
        return false;
      }
      open.set(tag, notice);
      notice.onclick = () => {
        window.focus();
        notice.close();
        onPress();
      };
      notice.onclose = () => {
        if (open.get(tag) !== notice) return;
        open.delete(tag);
        onClose();
      };
      return true;
    },
    close: (tag) => {
      const notice = open.get(tag);
      open.delete(tag);
      notice?.close();
    },
  };
}
