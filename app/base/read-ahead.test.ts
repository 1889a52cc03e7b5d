import { expect, it } from "vitest";
import { readAhead } from "./read-ahead.ts";

async function* counted(to: number, asked: number[], closed: { is: boolean }): AsyncGenerator<number> {
  try {
    for (let at = 0; at < to; at += 1) {
      asked.push(at);
      if (at === 3) throw new Error("the third cannot be read");
      yield at;
    }
  } finally {
    closed.is = true;
  }
}

it("asks for the next while the one before it is worked on, and gives them in order", async () => {
  const asked: number[] = [];
  const seen: (readonly [number, number])[] = [];
  for await (const value of readAhead(counted(3, asked, { is: false }))) {
    await Promise.resolve();
    seen.push([value, asked.length]);
  }
  expect(seen.map(([value]) => value)).toEqual([0, 1, 2]);
  expect(seen[0]?.[1]).toBe(2);
  const plain: string[] = [];
  for await (const value of readAhead(["a", "b"])) plain.push(value);
  expect(plain).toEqual(["a", "b"]);
});

it("closes what it reads when nobody goes on, and tells a failure to who does", async () => {
  const closed = { is: false };
  for await (const value of readAhead(counted(9, [], closed))) if (value === 1) break;
  expect(closed.is).toBe(true);
  const read = async (): Promise<void> => {
    for await (const _value of readAhead(counted(9, [], closed)));
  };
  await expect(read()).rejects.toThrow("the third cannot be read");
});
