import { type TaskMark, taskMark } from "../../../api/client/task-marks.ts";
import type { TaskState } from "../../../api/contract/task-state.ts";

type Tone = TaskMark["tone"];

/** Colours of the theme, read once per theme. */
export interface Palette {
  readonly line: string;
  readonly strong: string;
  readonly raised: string;
  readonly panel: string;
  readonly ink: string;
  readonly muted: string;
  readonly accent: string;
  /** A quiet filling for what is done, clearly darker than what is planned. */
  readonly done: string;
  readonly tones: Readonly<Record<Tone, string>>;
  readonly soft: Readonly<Record<Tone, string>>;
  readonly fontFamily: string;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--color-${name}`).trim() || "#888";
  return {
    line: colour("line"),
    strong: colour("strong"),
    raised: colour("raised"),
    panel: colour("panel"),
    ink: colour("ink"),
    muted: colour("muted"),
    accent: colour("accent"),
    done: `color-mix(in srgb, ${colour("strong")} 38%, ${colour("line")})`,
    tones: {
      neutral: colour("muted"),
      notice: colour("notice"),
      warning: colour("warning"),
      critical: colour("critical"),
      good: colour("good"),
    },
    soft: {
      neutral: colour("raised"),
      notice: colour("notice-soft"),
      warning: colour("warning-soft"),
      critical: colour("critical-soft"),
      good: colour("raised"),
    },
    fontFamily: style.fontFamily,
  };
}

export interface StateLook {
  readonly border: string;
  readonly ground: string;
  /** Colour of the filling of a block. */
  readonly block: string;
  /** Colour of the shape. */
  readonly tone: string;
  /** Colour of the whole node where it is too small for anything else. */
  readonly dot: string;
  readonly text: string;
  readonly muted: string;
  readonly fontFamily: string;
}

/** The same look as the node on the page: grey while normal, a tone only where somebody has to look. */
export function stateLook(palette: Palette, state: TaskState): StateLook {
  const { tone } = taskMark(state);
  const loud = tone !== "neutral" && tone !== "good";
  const quiet = state === "planned" || state === "blocked";
  return {
    border:
      state === "blocked"
        ? palette.line
        : loud
          ? palette.tones[tone]
          : state === "done" || state === "planned"
            ? palette.line
            : palette.strong,
    block: state === "done" ? palette.done : loud ? palette.tones[tone] : palette.strong,
    ground: quiet ? palette.panel : palette.soft[tone],
    // Running is normal: its shape is grey, not the dark of text.
    tone: loud || tone === "good" ? palette.tones[tone] : palette.strong,
    dot: loud
      ? palette.tones[tone]
      : state === "planned"
        ? palette.panel
        : state === "done"
          ? palette.done
          : palette.muted,
    text: quiet ? palette.muted : palette.ink,
    muted: palette.muted,
    fontFamily: palette.fontFamily,
  };
}
