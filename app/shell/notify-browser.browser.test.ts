import { afterEach, describe, expect, it, vi } from "vitest";
import { browserNotices } from "./notify-browser.ts";
import type { NoticeToShow } from "./notify-ports.ts";
import { TONES, tonePlayer } from "./notify-sound.ts";
import { browserTabs } from "./notify-tabs.ts";

const PATIENT = { timeout: 20_000 };

const notice = (change: Partial<NoticeToShow> = {}): NoticeToShow => ({
  tag: "a",
  title: "A request waits",
  body: "Open the console to see it.",
  alerts: true,
  stays: false,
  onPress: vi.fn(),
  onClose: vi.fn(),
  ...change,
});

/** The browser's class as a page meets it, with what was made. */
function stubNotification(permission: NotificationPermission) {
  const made: FakeNotification[] = [];
  class FakeNotification extends EventTarget {
    static permission = permission;
    static requestPermission = vi.fn(async () => {
      FakeNotification.permission = "granted";
      return FakeNotification.permission;
    });
    onclick: (() => void) | null = null;
    onclose: (() => void) | null = null;
    close = vi.fn(() => this.onclose?.());
    readonly title: string;
    readonly options: NotificationOptions;
    constructor(title: string, options: NotificationOptions) {
      super();
      this.title = title;
      this.options = options;
      made.push(this);
    }
  }
  vi.stubGlobal("Notification", FakeNotification);
  return { made, asked: FakeNotification.requestPermission };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("the browser's notifications", () => {
  it("are silent, carry their tag, and come up again only when they alert", () => {
    const { made } = stubNotification("granted");
    const port = browserNotices();
    expect(port.show(notice())).toBe(true);
    expect(port.show(notice({ alerts: false, stays: true }))).toBe(true);
    expect(made.map(({ options }) => options)).toMatchObject([
      { tag: "a", silent: true, renotify: true, requireInteraction: false },
      { tag: "a", silent: true, renotify: false, requireInteraction: true },
    ]);
  });

  it("tell when they were put away, and not when another takes their place or we close them", () => {
    const { made } = stubNotification("granted");
    const port = browserNotices();
    const [first, second] = [notice(), notice()];
    port.show(first);
    port.show(second);
    made[0]?.onclose?.();
    expect(first.onClose).not.toHaveBeenCalled();
    made[1]?.onclose?.();
    expect(second.onClose).toHaveBeenCalledOnce();
    const third = notice();
    port.show(third);
    port.close("a");
    expect(made[2]?.close).toHaveBeenCalledOnce();
    expect(third.onClose).not.toHaveBeenCalled();
  });

  it("bring the console to the front when they are pressed", () => {
    const { made } = stubNotification("granted");
    const focus = vi.spyOn(window, "focus").mockImplementation(() => undefined);
    const shown = notice();
    browserNotices().show(shown);
    made[0]?.onclick?.();
    expect(focus).toHaveBeenCalledOnce();
    expect(shown.onPress).toHaveBeenCalledOnce();
  });

  it("are asked for once, and everybody is told of the answer", async () => {
    const { asked } = stubNotification("default");
    const port = browserNotices();
    const told = vi.fn();
    const forget = port.follow(told);
    expect([port.permission(), port.show(notice())]).toEqual(["unasked", false]);
    expect(asked).not.toHaveBeenCalled();
    expect(await port.ask()).toBe("granted");
    expect(await port.ask()).toBe("granted");
    expect(asked).toHaveBeenCalledOnce();
    expect(told).toHaveBeenCalled();
    forget();
  });

  it("are not there on an insecure origin, in a browser without them, and where only a service worker may show them", () => {
    const port = browserNotices();
    vi.stubGlobal("isSecureContext", false);
    expect(port.permission()).toBe("insecure");
    vi.unstubAllGlobals();
    vi.stubGlobal(
      "Notification",
      Object.assign(
        function refuse() {
          throw new TypeError("Illegal constructor");
        },
        { permission: "granted" },
      ),
    );
    expect(port.permission()).toBe("granted");
    expect(port.show(notice())).toBe(false);
    expect(port.permission()).toBe("unsupported");
  });
});

describe("the tabs of a profile", () => {
  it("have one that notifies; the next takes over when it goes", async () => {
    const [first, second] = [vi.fn(), vi.fn()];
    const stepBack = browserTabs().lead(first);
    const leave = browserTabs().lead(second);
    await vi.waitFor(() => expect(first).toHaveBeenCalledOnce(), PATIENT);
    expect(second).not.toHaveBeenCalled();
    stepBack();
    await vi.waitFor(() => expect(second).toHaveBeenCalledOnce(), PATIENT);
    leave();
  });

  it("know what is looked at in any of them, and are told when that changes", async () => {
    const [one, other] = [browserTabs(), browserTabs()];
    const told = vi.fn();
    const forget = other.follow(told);
    const leave = one.look("approvals");
    await vi.waitFor(async () => expect(await other.lookedAt()).toEqual(new Set(["approvals"])), PATIENT);
    await vi.waitFor(() => expect(told).toHaveBeenCalled(), PATIENT);
    leave();
    await vi.waitFor(async () => expect(await other.lookedAt()).toEqual(new Set()), PATIENT);
    forget();
  });
});

describe("the tones", () => {
  it("[A8] differ in number from priority to priority, and the more urgent the more", () => {
    expect([TONES.normal.length, TONES.high.length, TONES.stop.length]).toEqual([1, 2, 6]);
  });

  it("[A8] are made by as many oscillators, without fetching anything", () => {
    const started = vi.spyOn(OscillatorNode.prototype, "start").mockImplementation(() => undefined);
    vi.spyOn(OscillatorNode.prototype, "stop").mockImplementation(() => undefined);
    vi.spyOn(AudioContext.prototype, "state", "get").mockReturnValue("running");
    const player = tonePlayer();
    player.play("high");
    expect(started).toHaveBeenCalledTimes(2);
    player.play("stop");
    expect(started).toHaveBeenCalledTimes(8);
  });
});
