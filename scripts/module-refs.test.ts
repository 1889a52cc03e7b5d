import { describe, expect, it } from "vitest";
import { moduleRefs } from "./module-refs.mjs";

const refs = (source: string) => moduleRefs("x.ts", source);

describe("modules that a file leads to", () => {
  it("are those it imports and re-exports, types too", () => {
    const source = `import a, { b } from "./a.ts";
import type { C } from "../c.ts";
import "./effect.css";
import zod from "zod";
export * from "./d.ts";
export { e } from "./e.ts";`;
    expect(refs(source)).toEqual({
      eager: ["./a.ts", "../c.ts", "./effect.css", "./d.ts", "./e.ts"],
      lazy: [],
      computed: [],
    });
  });

  it("are those it imports later, in any way", () => {
    const source = `const pane = lazy(() => import("./pane.tsx").then((loaded) => loaded.Pane));
const other = import(\`../other.ts\`);
type T = import("./type.ts").T;
await import("zod");`;
    expect(refs(source)).toEqual({ eager: [], lazy: ["./pane.tsx", "../other.ts", "./type.ts"], computed: [] });
  });

  it("are the workers it makes, and no data it reads", () => {
    const source = `new Worker(new URL("../worker/main.ts", import.meta.url), { type: "module" });
new Worker(new URL("./w.mjs?x=1", import.meta.url));
readFile(new URL("./testdata/a.json", import.meta.url));
new URL("./not-here.ts", location.href);`;
    expect(refs(source).lazy).toEqual(["../worker/main.ts", "./w.mjs"]);
  });

  it("are unknown where they are put together at run time, which is said", () => {
    const source = [
      "const name = 'engine';",
      "await import(name + '.ts');",
      "import(name);",
      "new Worker(new URL(name, import.meta.url));",
      "readFile(new URL(name, import.meta.url));",
    ].join("\n");
    expect(refs(source)).toEqual({ eager: [], lazy: [], computed: ["line 2", "line 3", "line 4"] });
  });

  it("are not guessed from a file that cannot be parsed", () => {
    expect(() => refs("import {")).toThrow(/x\.ts cannot be parsed/);
  });
});
