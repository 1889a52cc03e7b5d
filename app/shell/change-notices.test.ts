import { describe, expect, it } from "vitest";
import { type Area, areaSchema } from "../api/contract/audit.ts";
import { AREAS, createRenewer } from "./change-notices.ts";

function bench() {
  const calls: { area: Area; done: () => void; fail: () => void }[] = [];
  const renew = createRenewer(
    (area) =>
      new Promise((resolve, reject) =>
        calls.push({ area, done: () => resolve(undefined), fail: () => reject(new Error()) }),
      ),
  );
  return { calls, renew };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

describe("renewing what is shown", () => {
  it("[L1] knows every area of the contract, so that nothing stays old after an interruption", () => {
    expect([...AREAS].sort()).toEqual([...areaSchema.options].sort());
  });

  it("renews once more after notices that came meanwhile, however many", async () => {
    const { calls, renew } = bench();
    for (let notice = 0; notice < 20; notice += 1) renew("gate");
    expect(calls).toHaveLength(1);
    calls[0]?.done();
    await settle();
    expect(calls).toHaveLength(2);
    calls[1]?.done();
    await settle();
    expect(calls).toHaveLength(2);
  });

  it("keeps areas apart and goes on after a failed renewal", async () => {
    const { calls, renew } = bench();
    renew("gate");
    renew("override");
    expect(calls.map((call) => call.area)).toEqual(["gate", "override"]);
    calls[0]?.fail();
    await settle();
    renew("gate");
    expect(calls.map((call) => call.area)).toEqual(["gate", "override", "gate"]);
  });
});
