import type { SoundPort } from "./notify-ports.ts";
import type { Priority } from "./notify-settings.ts";

interface Tone {
  readonly hz: number;
  readonly atMs: number;
  readonly forMs: number;
}

/** Told apart by how many tones there are and how they move, not by pitch alone (A8). */
export const TONES: Readonly<Record<Priority, readonly Tone[]>> = {
  normal: [{ hz: 523, atMs: 0, forMs: 160 }],
  high: [
    { hz: 523, atMs: 0, forMs: 140 },
    { hz: 784, atMs: 180, forMs: 200 },
  ],
  stop: [0, 1, 2, 3, 4, 5].map((at) => ({ hz: at % 2 === 0 ? 988 : 659, atMs: at * 130, forMs: 110 })),
};

const GAIN = 0.12;
const RAMP_S = 0.012;

/** Plays the tones with the browser's own oscillators; nothing is fetched. */
export function tonePlayer(): SoundPort {
  let context: AudioContext | null = null;
  const wake = (): AudioContext => {
    context ??= new AudioContext();
    if (context.state === "suspended") void context.resume().catch(() => undefined);
    return context;
  };
  return {
    play: (priority) => {
      const audio = wake();
      // A sound that could not be played at its moment would mislead later.
      if (audio.state !== "running" && navigator.userActivation?.hasBeenActive === false) return;
      const startS = audio.currentTime + 0.02;
      for (const { hz, atMs, forMs } of TONES[priority]) {
        const [fromS, toS] = [startS + atMs / 1000, startS + (atMs + forMs) / 1000];
        const oscillator = new OscillatorNode(audio, { type: priority === "stop" ? "square" : "sine", frequency: hz });
        const gain = new GainNode(audio, { gain: 0 });
        gain.gain.setValueAtTime(0, fromS);
        gain.gain.linearRampToValueAtTime(GAIN, fromS + RAMP_S);
        gain.gain.setValueAtTime(GAIN, toS - RAMP_S);
        gain.gain.linearRampToValueAtTime(0, toS);
        oscillator.connect(gain).connect(audio.destination);
        oscillator.start(fromS);
        oscillator.stop(toS);
      }
    },
  };
}
