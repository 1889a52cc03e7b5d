import type { LoggedFact } from "../../engine/fact.ts";
import type { SelfTestDirector, SelfTestPorts, SignedStop } from "./director.ts";

/** Self-tests of agents (N21). What directs them is loaded with the first one. */
export interface SelfTests {
  /** The stop that is given in one which is about to start. */
  expect(wid: string, stop: SignedStop): Promise<void>;
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[]): void;
  close(): void;
}

export function createSelfTests(ports: SelfTestPorts): SelfTests {
  let director: SelfTestDirector | null = null;
  const load = async (): Promise<SelfTestDirector> => {
    const { createSelfTestDirector } = await import("./director.ts");
    director ??= createSelfTestDirector(ports);
    return director;
  };
  return {
    expect: async (wid, stop) => (await load()).expect(wid, stop),
    open: async () => {
      const left = await ports.engine.read((state) =>
        [...state.selfTests.values()].flatMap(({ wid, outcome }) => (outcome === null ? [wid] : [])),
      );
      for (const wid of left) await (await load()).reopened(wid);
    },
    facts: (logged) => director?.facts(logged),
    close: () => director?.close(),
  };
}
