import type { Engine } from "../../engine/engine.ts";

const turns = new WeakMap<Engine, Promise<unknown>>();

/**
 * One question to a domain, or one decision about a question, after another: what one was given counts for the next
 * (XDA-S7), and none is answered or decided about twice (COM-7).
 */
export function inTurn<T>(
  { host: { engine } }: { readonly host: { readonly engine: Engine } },
  act: () => Promise<T>,
): Promise<T> {
  const mine = (turns.get(engine) ?? Promise.resolve()).then(act);
  turns.set(
    engine,
    mine.catch(() => undefined),
  );
  return mine;
}
