import { createContext, useContext, useSyncExternalStore } from "react";
import { browserNotices } from "./notify-browser.ts";
import type { NoticePermission, NotifyPorts } from "./notify-ports.ts";
import { tonePlayer } from "./notify-sound.ts";
import { browserTabs } from "./notify-tabs.ts";

/** The browser's own, unless a test stands in for it. */
export const NotifyPortsContext = createContext<NotifyPorts>({
  notices: browserNotices(),
  sounds: tonePlayer(),
  tabs: browserTabs(),
});

export const useNotifyPorts = (): NotifyPorts => useContext(NotifyPortsContext);

export function useNoticePermission(): NoticePermission {
  const { notices } = useNotifyPorts();
  return useSyncExternalStore(notices.follow, notices.permission);
}
