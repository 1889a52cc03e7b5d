// npm start: installs what is missing, builds what is stale, serves the console on this machine only and opens it.
import { spawn } from "node:child_process";
import { ensureBuild } from "./build.mjs";
import { ensurePackages } from "./install.mjs";
import { createStaticServer, listen } from "./serve.mjs";

const DEFAULT_PORT = 4173;

process.chdir(new URL("..", import.meta.url).pathname);
const options = readOptions(process.argv.slice(2));
ensurePackages();
ensureBuild();

const server = createStaticServer("dist");
const port = await listen(server, options.port ?? DEFAULT_PORT, options.port !== null).catch((error) => {
  const why = error.code === "EADDRINUSE" ? `port ${options.port ?? DEFAULT_PORT} is in use` : error.message;
  process.stderr.write(`the console cannot be served: ${why}\n`);
  process.exit(1);
});
const address = `http://localhost:${port}/`;
if (options.port === null && port !== DEFAULT_PORT) {
  process.stdout.write(`port ${DEFAULT_PORT} is in use; a browser keeps the data of each port apart\n`);
}
process.stdout.write(`Signalbox: ${address}\n(Ctrl+C ends it; what is recorded stays in the browser)\n`);
if (options.open) openBrowser(address);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}

function readOptions(args) {
  const hasDisplay =
    process.platform === "darwin" || process.platform === "win32" || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  const read = { open: Boolean(hasDisplay) && !process.env.CI, port: null };
  for (let at = 0; at < args.length; at += 1) {
    const value = args[at + 1] ?? "";
    if (args[at] === "--no-open") read.open = false;
    else if (args[at] === "--port" && /^\d{1,5}$/.test(value)) {
      read.port = Number(value);
      at += 1;
    } else {
      process.stderr.write("usage: npm start -- [--no-open] [--port N]\n");
      process.exit(2);
    }
  }
  return read;
}

/** Failing to open a browser is no failure: the address stands on the terminal. */
function openBrowser(url) {
  const [command, args] =
    process.platform === "darwin"
      ? ["open", [url]]
      : process.platform === "win32"
        ? ["cmd", ["/c", "start", "", url]]
        : ["xdg-open", [url]];
  spawn(command, args, { stdio: "ignore", detached: true })
    .on("error", () => undefined)
    .unref();
}
