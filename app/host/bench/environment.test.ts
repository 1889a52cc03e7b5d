import { describe, expect, it } from "vitest";
import { HOST_MEMBERS } from "../../protocol/behavior/bench-verify.ts";
import { browserClass, hostEnvironment } from "./environment.ts";

describe("the environment of a benchmark", () => {
  it("[BEH-15] names the engine as a class with its major version, whatever else a browser says of itself", () => {
    const chromium =
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
    expect(browserClass(chromium)).toBe("chromium 142");
    expect(browserClass(`${chromium} Edg/142.0.1`)).toBe("edge 142");
    expect(browserClass("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")).toBe("firefox 145");
    expect(browserClass("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/26.1 Safari/605.1.15")).toBe("safari 26");
    expect(browserClass("curl/8")).toBe("unknown");
  });

  it("[BEH-15] [BEH-49] says where its agents run, under names that nothing declared can have", () => {
    const environment = hostEnvironment({ kind: "server", pool: { place: "thread", isolated: false } });
    expect(environment).toMatchObject({
      ...{ "host.kind": "server", "host.agents": "thread", "host.isolated": "no" },
      "host.engine": `node ${process.versions.node.split(".")[0]}`,
    });
    expect(Object.keys(environment).every((name) => name.startsWith(HOST_MEMBERS))).toBe(true);
  });
});
