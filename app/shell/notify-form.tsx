import { type ReactNode, useId, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Checkbox } from "../ui/checkbox.tsx";
import { useNow } from "../ui/clock.ts";
import { formatDuration } from "../ui/duration.ts";
import { useNoticePermission, useNotifyPorts } from "./notify-context.ts";
import { useTurnOn } from "./notify-offer.tsx";
import type { NoticePermission } from "./notify-ports.ts";
import {
  LONGEST_MUTE_MS,
  muteLeft,
  muteUntil,
  PRIORITIES,
  type Priority,
  setNotify,
  setSound,
  useNotifySettings,
} from "./notify-settings.ts";

/** How one is told of what comes: notifications, sounds, and for how long none of it. */
export function NotifyForm() {
  return (
    <>
      <Notifications />
      <Sounds />
      <Mute />
    </>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="space-y-2 border-t border-line pt-3">
      <h3 id={id} className="font-semibold">
        {title}
      </h3>
      {children}
    </section>
  );
}

/** Why there are none and what would change that. */
const WITHOUT: Readonly<Record<Exclude<NoticePermission, "granted" | "unasked">, string>> = {
  denied:
    "This browser was told not to show notifications of this page. To change that, open the settings of this page, at the left of its address, and allow notifications. The title and the bell go on counting.",
  unsupported: "This browser shows no notifications for a page. The title and the bell go on counting.",
  insecure:
    "Browsers show notifications only for pages that came over a secure connection or from this machine, and this one did not. The title and the bell go on counting.",
};

function Notifications() {
  const permission = useNoticePermission();
  const { choice } = useNotifySettings();
  const turnOn = useTurnOn();
  if (permission !== "granted" && permission !== "unasked") {
    return (
      <Part title="Notifications">
        <p role="note">{WITHOUT[permission]}</p>
      </Part>
    );
  }
  return (
    <Part title="Notifications">
      <p className="text-muted">
        While you are elsewhere: a new request, or many drawn together into one, and a stop that was not obeyed. A
        notification names the action and its consequence; while your key is locked it names neither.
      </p>
      {permission === "unasked" ? (
        <Button onPress={turnOn}>Turn on notifications …</Button>
      ) : (
        <Checkbox isSelected={choice === "on"} onChange={(isOn) => setNotify(isOn ? "on" : "off")}>
          Show notifications
        </Checkbox>
      )}
      {permission === "unasked" ? <p className="text-xs text-muted">The browser then asks you as well.</p> : null}
    </Part>
  );
}

const SOUNDS: Readonly<Record<Priority, { readonly name: string; readonly tones: string }>> = {
  stop: { name: "A stop was not obeyed", tones: "six fast tones" },
  high: { name: "Irreversible, or less than 2 min left", tones: "two rising tones" },
  normal: { name: "Any other request", tones: "one tone" },
};

function Sounds() {
  const { sounds } = useNotifyPorts();
  const settings = useNotifySettings();
  return (
    <Part title="Sounds">
      <ul className="space-y-1">
        {PRIORITIES.map((priority) => {
          const { name, tones } = SOUNDS[priority];
          return (
            <li key={priority} className="flex items-center justify-between gap-2">
              <Checkbox isSelected={settings.sounds[priority]} onChange={(isOn) => setSound(priority, isOn)}>
                <span>
                  {name} <span className="text-muted">({tones})</span>
                </span>
              </Checkbox>
              <Button size="sm" aria-label={`Try: ${name}`} onPress={() => sounds.play(priority)}>
                Try
              </Button>
            </li>
          );
        })}
      </ul>
      <p className="text-xs text-muted">
        After a reload, browsers play nothing until somebody presses or types something in the page.
      </p>
    </Part>
  );
}

const MUTES = [
  { name: "15 min", ms: 15 * 60_000 },
  { name: "1 h", ms: 3_600_000 },
  { name: "8 h, a shift", ms: LONGEST_MUTE_MS },
] as const;

function Mute() {
  const nowMs = useNow();
  const { mutedUntilMs } = useNotifySettings();
  const leftMs = muteLeft(mutedUntilMs, nowMs);
  // The button that was pressed goes: the focus stays in the menu, or its keys would do nothing.
  const [wasPressed, setWasPressed] = useState(false);
  const mute = (untilMs: number): void => {
    setWasPressed(true);
    muteUntil(untilMs);
  };
  return (
    <Part title="Mute for a while">
      <p className="text-muted">
        No sound and no notification of requests; what still waits afterwards is told then. A stop that was not obeyed
        is shown all the same.
      </p>
      {leftMs > 0 ? (
        <div className="flex flex-wrap items-center gap-2">
          <p className="tabular-nums">Muted, {formatDuration(leftMs)} left.</p>
          <Button size="sm" autoFocus={wasPressed} onPress={() => mute(0)}>
            End the mute
          </Button>
        </div>
      ) : (
        <div className="flex flex-wrap gap-2">
          {MUTES.map(({ name, ms }, at) => (
            <Button
              key={name}
              size="sm"
              autoFocus={wasPressed && at === 0}
              aria-label={`Mute for ${name}`}
              onPress={() => mute(Date.now() + ms)}
            >
              {name}
            </Button>
          ))}
        </div>
      )}
    </Part>
  );
}
