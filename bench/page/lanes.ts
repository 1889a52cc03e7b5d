import { must } from "../../app/base/assert.ts";
import { createLaneLog, type LaneLogBuilder } from "../../app/features/timeline/lanes/lane-log.ts";
import { lanePlaces, lanesOf } from "../../app/features/timeline/lanes/lanes.ts";
import { paint } from "../../app/features/timeline/lanes/paint.ts";
import { readPalette } from "../../app/features/timeline/lanes/palette.ts";
import type { Picture } from "../../app/features/timeline/lanes/picture.ts";
import { AXIS_PX, rowOfLane, rowsOf } from "../../app/features/timeline/lanes/rows.ts";
import { sceneOf } from "../../app/features/timeline/lanes/scene.ts";
import { LEAST_MS, type TimeSpan, wholeSpan, zoomed } from "../../app/features/timeline/lanes/view.ts";
import { lanesLoad, type Part } from "./lanes-load.ts";

export interface LanesOptions {
  readonly entries: number;
  readonly repetitions: number;
  readonly frames: number;
}

/** All times ms. */
export interface LanesSample {
  /** From the text of the answers to the first picture, and reading that text as JSON alone. */
  readonly loadMs: readonly number[];
  readonly parseMs: readonly number[];
  /** Memory of the columns, and of the answers' text, bytes. */
  readonly bytes: number;
  readonly textBytes: number;
  /** Between frames while the view moves and zooms, and while nothing is drawn at all. */
  readonly moving: readonly number[];
  readonly empty: readonly number[];
  /** The drawing alone. */
  readonly paintMs: readonly number[];
}

const WIDTH_PX = 1160;
const HEIGHT_PX = 640;

/** Loads a log of so many entries and moves through it, as the timeline does. */
export async function measureLanes({ entries, repetitions, frames }: LanesOptions): Promise<LanesSample> {
  const texts = lanesLoad(entries).map((part) => JSON.stringify(part));
  const loadMs: number[] = [];
  const parseMs: number[] = [];
  let builder: LaneLogBuilder | null = null;
  // The first one warms up.
  for (let turn = 0; turn <= repetitions; turn += 1) {
    const begun = performance.now();
    for (const text of texts) JSON.parse(text);
    const parsed = performance.now();
    builder = loaded(texts);
    const ended = performance.now();
    if (turn === 0) continue;
    parseMs.push(parsed - begun);
    loadMs.push(ended - parsed);
  }
  const built = must(builder, "it was loaded");
  const drawing = drawingOf(pictureOf(built));
  const moving: number[] = [];
  const empty: number[] = [];
  const paintMs: number[] = [];
  for (let turn = 0; turn <= repetitions; turn += 1) {
    const still = await deltas(frames, () => undefined);
    const moved = await deltas(frames, (frame) => {
      const took = drawing.draw(frame / frames);
      if (turn > 0) paintMs.push(took);
    });
    if (turn === 0) continue;
    empty.push(...still);
    moving.push(...moved);
  }
  drawing.end();
  const textBytes = texts.reduce((sum, text) => sum + text.length, 0);
  return { loadMs, parseMs, bytes: built.bytes(), textBytes, moving, empty, paintMs };
}

function loaded(texts: readonly string[]): LaneLogBuilder {
  const builder = createLaneLog("console.local");
  for (const text of texts) {
    const part: Part = JSON.parse(text);
    must(builder.append(part).ok ? true : null, "the parts fit");
  }
  const lanes = lanesOf([builder.log()], { by: "agent", closed: new Set() });
  const whole = must(wholeSpan(lanes), "there are entries");
  sceneOf(lanes, { ...whole, widthPx: WIDTH_PX });
  return builder;
}

function pictureOf(builder: LaneLogBuilder): Picture {
  const lanes = lanesOf([builder.log()], { by: "agent", closed: new Set() });
  const rows = rowsOf(lanes, "agent", false);
  return {
    lanes,
    rows,
    rowOf: rowOfLane(rows),
    places: lanePlaces(lanes),
    selected: null,
    arrows: [],
    path: null,
    firsts: [],
    backs: [],
    crossings: [],
    blamed: [],
    asOfMs: null,
    isAligned: false,
  };
}

/** A canvas in the page with the picture on it, looked at along a way: moved over a quarter of the time, then down to the least, and back. */
function drawingOf(picture: Picture): { draw(share: number): number; end(): void } {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH_PX;
  canvas.height = HEIGHT_PX + AXIS_PX;
  document.body.append(canvas);
  const context = must(canvas.getContext("2d"), "a canvas has a context");
  const palette = readPalette(canvas);
  const whole = must(wholeSpan(picture.lanes), "there are entries");
  const length = whole.toMs - whole.fromMs;
  const spanAt = (share: number): TimeSpan => {
    if (share < 1 / 3) {
      const fromMs = whole.fromMs + length * 0.75 * share * 3;
      return { fromMs, toMs: fromMs + length / 4 };
    }
    const depth = 1 - Math.abs(share * 3 - 2);
    return zoomed(whole, (length / (10 * LEAST_MS)) ** depth, whole.fromMs + length * 0.4, whole);
  };
  return {
    draw: (share) => {
      const begun = performance.now();
      const sight = { ...spanAt(share), widthPx: WIDTH_PX, heightPx: HEIGHT_PX, scrollPx: 0 };
      paint(context, picture, sight, palette, 1, null);
      return performance.now() - begun;
    },
    end: () => canvas.remove(),
  };
}

/** Times between so many animation frames, with something done in each. */
function deltas(frames: number, run: (frame: number) => void): Promise<number[]> {
  return new Promise((resolve) => {
    const found: number[] = [];
    let last = performance.now();
    let frame = -1;
    const next = (): void => {
      const now = performance.now();
      if (frame >= 0) found.push(now - last);
      last = now;
      frame += 1;
      if (frame >= frames) {
        resolve(found);
        return;
      }
      run(frame);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}
