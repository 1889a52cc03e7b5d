import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../base/json.ts";
import { narrowsArguments, wideningPath } from "./narrow-arguments.ts";

/** JSON as it is parsed: names that every object inherits are names like others. */
const names = fc.constantFrom("a", "b", "path", "toString", "__proto__", "constructor");
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.constantFrom("x", "y", ""),
      fc.integer({ min: -5, max: 5 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie("value")), { maxLength: 3 }).map(parsed),
  ),
})).value;
const args: fc.Arbitrary<JsonObject> = fc.array(fc.tuple(names, json), { maxLength: 4 }).map(parsed);

/** As `JSON.parse` makes it: `__proto__` is a member of its own. */
function parsed(members: readonly (readonly [string, Json])[]): JsonObject {
  const last = new Map(members);
  const text = [...last].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",");
  return JSON.parse(`{${text}}`) as JsonObject; // an object by construction
}

/** Something narrower or equal, made step by step. */
function less(value: Json): fc.Arbitrary<Json> {
  if (typeof value === "number") {
    const towards = fc.constantFrom(1, 0.5, 0).map((share) => value * share);
    return towards.map((smaller) => (smaller === 0 ? 0 : smaller));
  }
  if (isList(value)) return fc.subarray([...value]);
  if (typeof value === "object" && value !== null) return lessArgs(value);
  return fc.constant(value);
}
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const lessArgs = (value: JsonObject): fc.Arbitrary<JsonObject> =>
  fc.tuple(...Object.entries(value).map(([name, member]) => less(member).map((to) => [name, to] as const))).map(parsed);

const text = (value: Json): string => JSON.stringify(value);
/** The members of both, and what in `to` is larger, longer or new: read from the values, not from what is tested. */
function widens(from: Json, to: Json): boolean {
  if (typeof from === "number" && typeof to === "number") return Math.abs(to) > Math.abs(from) || from * to < 0;
  if (isList(from) && isList(to)) {
    const left = from.map(text);
    return to.some((element) => {
      const at = left.indexOf(text(element));
      left.splice(0, at + 1);
      return at < 0;
    });
  }
  if (isList(from) || isList(to)) return true;
  if (typeof from === "object" && from !== null && typeof to === "object" && to !== null) {
    const [before, after] = [new Map(Object.entries(from)), new Map(Object.entries(to))];
    if (before.size !== after.size) return true;
    return [...after].some(([name, member]) => {
      const own = before.get(name);
      return own === undefined || widens(own, member);
    });
  }
  return from !== to;
}

const pair = args.chain((from) => fc.tuple(fc.constant(from), fc.oneof(lessArgs(from), args)));

describe("changed arguments", () => {
  it("[ACP-36] never narrow themselves: something must change", () => {
    fc.assert(
      fc.property(args, (from) => !narrowsArguments(from, structuredCloneOf(from))),
      { numRuns: 1000 },
    );
  });

  it("[ACP-36] narrow in one direction only", () => {
    fc.assert(
      fc.property(pair, ([from, to]) => {
        fc.pre(narrowsArguments(from, to));
        return !narrowsArguments(to, from);
      }),
      { numRuns: 1000 },
    );
  });

  it("[ACP-36] narrow what narrows: less of less is less", () => {
    const three = args.chain((a) => lessArgs(a).chain((b) => lessArgs(b).map((c) => [a, b, c] as const)));
    let both = 0;
    fc.assert(
      fc.property(three, ([a, b, c]) => {
        if (narrowsArguments(a, b) && narrowsArguments(b, c)) {
          both += 1;
          expect(narrowsArguments(a, c)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
    expect(both).toBeGreaterThan(20);
  });

  it("[ACP-36] never have a larger number, a longer list, another order, or another member", () => {
    let narrowed = 0;
    fc.assert(
      fc.property(pair, ([from, to]) => {
        if (!narrowsArguments(from, to)) return;
        narrowed += 1;
        expect(widens(from, to)).toBe(false);
      }),
      { numRuns: 3000 },
    );
    expect(narrowed).toBeGreaterThan(300);
  });

  it("[ACP-36] are told where they widen, and only where they do", () => {
    fc.assert(
      fc.property(pair, ([from, to]) => {
        const changed = text(from) !== text(to);
        if (wideningPath(from, to) === null && changed) expect(widens(from, to)).toBe(false);
        if (narrowsArguments(from, to)) expect(wideningPath(from, to)).toBeNull();
        if (widens(from, to)) expect(wideningPath(from, to)).not.toBeNull();
      }),
      { numRuns: 3000 },
    );
  });

  it.each<[string, string, string]>([
    ['{"n":5}', '{"n":4.999}', ""],
    ['{"n":-5}', '{"n":-1}', ""],
    ['{"n":5}', '{"n":0}', ""],
    ['{"n":1e308}', '{"n":1e307}', ""],
    ['{"l":[1,1,2]}', '{"l":[1,2]}', ""],
    ['{"l":[{"n":5}]}', '{"l":[]}', ""],
    ['{"o":{"n":5,"k":"x"}}', '{"o":{"n":1,"k":"x"}}', ""],
    ['{"n":0}', '{"n":1}', "n"],
    ['{"n":5}', '{"n":-1}', "n"],
    ['{"n":5}', '{"n":"4"}', "n"],
    ['{"n":5}', '{"n":null}', "n"],
    ['{"n":5}', "{}", "n"],
    ['{"l":[1,2]}', '{"l":[2,1]}', "l"],
    ['{"l":[1,2]}', '{"l":[1,1]}', "l"],
    // Within a list an element is left out or as it was.
    ['{"l":[5]}', '{"l":[4]}', "l"],
    ['{"l":[]}', '{"l":{}}', "l"],
    ['{"l":{}}', '{"l":[]}', "l"],
    ['{"o":{"n":5}}', '{"o":{"n":6}}', "o.n"],
    // Names that every object inherits are no members.
    ['{"__proto__":{},"n":5}', '{"x":1,"n":4}', "__proto__"],
    ['{"n":5,"x":1}', '{"n":4,"toString":1}', "x"],
    ['{"l":[{"__proto__":{}},1]}', '{"l":[{"x":1}]}', "l"],
  ])("[ACP-36] %s to %s widens at %j", (from, to, path) => {
    const [before, after] = [JSON.parse(from) as JsonObject, JSON.parse(to) as JsonObject]; // objects as written here
    expect(wideningPath(before, after)).toBe(path === "" ? null : path);
    expect(narrowsArguments(before, after)).toBe(path === "");
  });
});

function structuredCloneOf(value: JsonObject): JsonObject {
  return JSON.parse(text(value)) as JsonObject; // what was an object is one again
}
