import { once } from "node:events";
import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { contractSuite } from "../app/api/dispatch/contract.suite.ts";
import { connectRemote } from "../app/api/remote/connect.ts";
import { must } from "../app/base/assert.ts";
import { openHttpHost } from "./http-host.ts";

const open = async () => {
  const opened = await openHttpHost({ trustDomain: "console.local", port: 0 });
  return must(opened.ok ? opened.value : null, "the host opens");
};

contractSuite("served over HTTP by the Node host", async () => {
  const host = await open();
  return { client: connectRemote(`${host.url}/api`), close: () => host.close() };
});

describe("the Node host", () => {
  it("[ECT-33] [COM-9] answers what is malformed with 400 and what is unknown with 404", async () => {
    const host = await open();
    const post = (token: string) =>
      fetch(`${host.url}/api/overrides`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token }),
      });
    const malformed = await post("e30.!!!.c2ln");
    const unknown = await fetch(`${host.url}/api/workflows/00000000-0000-4000-8000-000000000000`);
    await host.close();
    expect([malformed.status, unknown.status]).toEqual([400, 404]);
    expect(await malformed.json()).toMatchObject({ code: "request_malformed", detail: "token: a compact JWS" });
  });

  it("[COM-8] answers a refusal as problem details with the literal code and no token", async () => {
    const host = await open();
    const response = await fetch(`${host.url}/api/overrides`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: "e30.e30.c2ln" }),
    });
    const body = await response.text();
    await host.close();
    expect(response.status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ status: 403, code: "token_wrong_type", title: "Refused" });
    expect(body).not.toContain("e30.e30");
  });

  it("[OVR-7] [OVR-41] publishes where and how its agents are overridden, the same as its contract says", async () => {
    const host = await open();
    const response = await fetch(`${host.url}/.well-known/agent-override`);
    const document = (await response.json()) as { endpoint: string; keys: { keys: { kid: string }[] } };
    const stated = await connectRemote(`${host.url}/api`).liveness.discovery();
    const posted = await fetch(`${host.url}${document.endpoint}`, { method: "POST", body: "{}" });
    await host.close();
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(document).toEqual(stated);
    expect(document).toMatchObject({
      ...{ ver: 1, domains: ["console.local"], heartbeat_s: 10, levels: ["advisory", "mandatory", "emergency"] },
      deadline_ms: { advisory: 60_000, mandatory: 10_000, emergency: 1000 },
      actions: expect.arrayContaining(["pause", "resume", "stop", "release", "modify", "takeover", "advise"]),
      degraded_modes: expect.arrayContaining(["degraded", "restricted", "hold", "safe_stop"]),
    });
    expect(document.keys.keys).toHaveLength(2);
    expect(JSON.stringify(document.keys)).not.toContain('"d"');
    // What it names is there: it is asked for a signal, and says what is wrong with this one.
    expect(posted.status).toBe(400);
  });

  it("describes the contract as OpenAPI 3.1", async () => {
    const host = await open();
    const document = (await (await fetch(`${host.url}/openapi.json`)).json()) as { openapi: string; paths: object };
    await host.close();
    expect(document.openapi).toMatch(/^3\.1/);
    expect(Object.keys(document.paths)).toContain("/overrides");
  });

  it("goes on when a request or its answer breaks off in the middle", async () => {
    const host = await open();
    const broken = request(`${host.url}/api/overrides`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-length": 1000 },
    });
    broken.on("error", () => undefined);
    broken.write('{"token":');
    const watching = request(`${host.url}/api/audit/watch`);
    watching.on("error", () => undefined).end();
    await once(watching, "response");
    broken.destroy();
    watching.destroy();
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 300);
    });
    expect((await fetch(`${host.url}/openapi.json`)).status).toBe(200);
    await host.close();
  });
});
