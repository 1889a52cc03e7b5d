import type { Priority } from "./notify-settings.ts";

/**
 * What the browser says about notifications. `unasked`: it would ask the person. `insecure`: the page is not served in a way
 * that browsers allow them. `unsupported`: this browser has none that a page can show.
 */
export type NoticePermission = "unasked" | "granted" | "denied" | "unsupported" | "insecure";

export interface NoticeToShow {
  /** A notice with the tag of an open one takes its place, whichever tab showed that. */
  readonly tag: string;
  readonly title: string;
  readonly body: string;
  /** Comes up again although one with its tag is open. */
  readonly alerts: boolean;
  /** Stays until somebody puts it away. */
  readonly stays: boolean;
  onPress(): void;
  /** It is gone; not told when another took its place or we closed it. */
  onClose(): void;
}

export interface NoticePort {
  permission(): NoticePermission;
  /** Asks the person; only ever called by a press. */
  ask(): Promise<NoticePermission>;
  /** Calls when the permission may have changed, by whatever way. */
  follow(listener: () => void): () => void;
  /** False where the browser did not take it. */
  show(notice: NoticeToShow): boolean;
  close(tag: string): void;
}

export interface SoundPort {
  /** Plays nothing where the browser does not let it, before somebody has acted in the page. */
  play(priority: Priority): void;
}

/** A pane in which something would be seen anyway. */
export type WatchedPane = "approvals" | "control" | "behavior";

/** The tabs of this profile among themselves. */
export interface TabsPort {
  /** Calls once this tab is the one that notifies, which it then is for as long as it lives. Returns how to step back. */
  lead(granted: () => void): () => void;
  /** Says that somebody looks at this pane here, until the returned function is called or the tab dies. */
  look(pane: WatchedPane): () => void;
  /** What is looked at in any tab. */
  lookedAt(): Promise<ReadonlySet<WatchedPane>>;
  /** Calls when another tab is looked at or left. */
  follow(listener: () => void): () => void;
}

export interface NotifyPorts {
  readonly notices: NoticePort;
  readonly sounds: SoundPort;
  readonly tabs: TabsPort;
}
