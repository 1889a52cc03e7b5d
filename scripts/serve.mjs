import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { pageHeaders } from "./headers.mjs";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".jsonl": "application/x-ndjson; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".gz": "application/gzip",
  ".webmanifest": "application/manifest+json",
};

/** The file a path means inside the folder, or null: nothing outside it, no hidden file. */
function fileOf(root, path) {
  const file = resolve(join(root, path));
  if (file !== root && !file.startsWith(root + sep)) return null;
  if (path.split("/").some((part) => part.startsWith("."))) return null;
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() ? { file, stats } : null;
}

function decoded(url) {
  try {
    return decodeURIComponent(new URL(url, "http://localhost").pathname);
  } catch {
    return null;
  }
}

/** Serves the built page: hashed files for ever, everything else revalidated, and the page for every address of a view. */
export function createStaticServer(folder) {
  const root = resolve(folder);
  return createServer((request, response) => {
    for (const [name, value] of Object.entries(pageHeaders)) response.setHeader(name, value);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { Allow: "GET, HEAD" }).end();
      return;
    }
    const path = decoded(request.url ?? "/");
    const isView = path !== null && extname(path) === "" && !path.includes("/.");
    const found = path === null ? null : (fileOf(root, path) ?? (isView ? fileOf(root, "index.html") : null));
    if (found === null) {
      response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("not found\n");
      return;
    }
    const etag = `"${found.stats.size.toString(36)}-${Math.floor(found.stats.mtimeMs).toString(36)}"`;
    response.setHeader("Content-Type", TYPES[extname(found.file)] ?? "application/octet-stream");
    response.setHeader("ETag", etag);
    const hashed = found.file.startsWith(join(root, "assets") + sep);
    response.setHeader("Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    if (request.headers["if-none-match"] === etag) {
      response.writeHead(304).end();
      return;
    }
    response.setHeader("Content-Length", found.stats.size);
    response.writeHead(200);
    if (request.method === "HEAD") response.end();
    else
      createReadStream(found.file)
        .on("error", () => response.destroy())
        .pipe(response);
  });
}

/** Listens on the loopback interface; without a fixed port, on the next free one from `from`. Resolves to the port. */
export function listen(server, from, fixed) {
  return new Promise((resolvePort, reject) => {
    let port = from;
    server.on("error", (error) => {
      if (error.code !== "EADDRINUSE" || fixed || port >= from + 50) reject(error);
      else {
        port += 1;
        server.listen(port, "127.0.0.1");
      }
    });
    server.on("listening", () => resolvePort(server.address().port));
    server.listen(port, "127.0.0.1");
  });
}
