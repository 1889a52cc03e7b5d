import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStaticServer, listen } from "./serve.mjs";

let folder: string;
let server: Server;
let port: number;

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** Without a client that tidies up paths before it sends them. */
const get = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString("utf8");
      });
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    sent.on("error", reject).end();
  });

beforeAll(async () => {
  const top = await mkdtemp(join(tmpdir(), "signalbox-serve-"));
  folder = join(top, "dist");
  await mkdir(join(folder, "assets"), { recursive: true });
  await writeFile(join(top, "secret.txt"), "secret");
  await writeFile(join(folder, "index.html"), "<!doctype html>page");
  await writeFile(join(folder, ".hidden"), "hidden");
  await writeFile(join(folder, "assets", "main-abc.js"), "export {};");
  server = createStaticServer(folder);
  port = await listen(server, 41_730, false);
});
afterAll(async () => {
  server.close();
  await rm(join(folder, ".."), { recursive: true });
});

describe("serving the built page", () => {
  it("isolates the page and lets it run nothing from elsewhere, in every answer", async () => {
    for (const path of ["/", "/watch", "/assets/main-abc.js", "/missing.js"]) {
      const { headers } = await get(path);
      expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
      expect(headers["cross-origin-embedder-policy"]).toBe("require-corp");
      expect(headers["content-security-policy"]).toContain("default-src 'self'");
      expect(headers["content-security-policy"]).not.toMatch(/'unsafe-eval'|script-src[^;]*'unsafe-inline'/);
    }
  });

  it("answers every address of a view with the page, and an absent file with 404", async () => {
    expect(await get("/timeline?entry=3")).toMatchObject({ status: 200, body: "<!doctype html>page" });
    expect(await get("/assets/old-1.js")).toMatchObject({ status: 404 });
  });

  it("keeps hashed files for ever and asks again for the rest", async () => {
    const asset = await get("/assets/main-abc.js");
    expect(asset.headers["cache-control"]).toContain("immutable");
    expect(asset.headers["content-type"]).toBe("text/javascript; charset=utf-8");
    const page = await get("/");
    expect(page.headers["cache-control"]).toBe("no-cache");
    expect(await get("/", { "if-none-match": String(page.headers.etag) })).toMatchObject({ status: 304, body: "" });
  });

  it("gives nothing outside its folder, nothing hidden, and takes nothing", async () => {
    for (const path of ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/.hidden", "/%zz"]) {
      const answer = await get(path);
      expect(answer.body).not.toMatch(/secret|hidden/);
      expect(answer.status).toBe(404);
    }
    expect((await get("/", {}, "POST")).status).toBe(405);
  });

  it("takes the next port when one is in use, and only then", async () => {
    const second = createStaticServer(folder);
    expect(await listen(second, port, false)).toBeGreaterThan(port);
    second.close();
    await expect(listen(createStaticServer(folder), port, true)).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
