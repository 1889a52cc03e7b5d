import { err, ok, type Result } from "../app/base/result.ts";
import { openFileStorage } from "./file-storage.ts";
import { withKeyPairs } from "./host-keys.ts";
import { openHttpHost } from "./http-host.ts";

/** The name every console has for its own domain, as long as there is one log for each. */
const TRUST_DOMAIN = "console.local";
const DEFAULT_PORT = 4180;

export interface ServeOptions {
  readonly data: string;
  /** 0: a free one. */
  readonly port: number;
  readonly json: boolean;
}

export function readServeOptions(args: {
  readonly words: readonly string[];
  readonly data: string | undefined;
  readonly port: string | undefined;
  readonly json: boolean;
}): Result<ServeOptions, string> {
  const { words, data, port = String(DEFAULT_PORT), json } = args;
  if (words.length > 1) return err(`"${words[1]}" is not understood`);
  if (data === undefined || data === "") return err("name the directory to keep the log in: --data DIR");
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return err("--port takes a number from 0 to 65535; 0 is any");
  return ok({ data, port: Number(port), json });
}

/**
 * `serve --data DIR --port N`: the Node host over files, on this machine's loopback, until `until` is aborted. Writes its
 * addresses once it answers; a text says why it cannot begin.
 */
export async function serve(
  { data, port, json }: ServeOptions,
  write: (line: string) => Promise<void>,
  until: AbortSignal,
): Promise<Result<void, string>> {
  const storage = await openFileStorage(data);
  if (!storage.ok) return err(`${data} cannot be used: ${storage.error.detail}`);
  const opened = await openHttpHost({
    trustDomain: TRUST_DOMAIN,
    port,
    storage: { ...storage.value, values: withKeyPairs(storage.value.values) },
  });
  if (!opened.ok) {
    storage.value.log.close();
    const { code, detail } = opened.error;
    return err(code === "port_unavailable" ? detail : `${data} cannot be used: ${detail}`);
  }
  const { url, fault, close } = opened.value;
  const openapi = `${url}/openapi.json`;
  const damage =
    fault === null ? "" : `the log is damaged and takes nothing more: ${fault.code} at entry ${fault.seq}\n`;
  await write(
    json
      ? `${JSON.stringify({ url: `${url}/api`, openapi, data, fault })}\n`
      : `Signalbox host: ${url}/api\ndescribed at ${openapi}\n${damage}(Ctrl+C ends it; what is recorded stays in ${data})\n`,
  );
  await new Promise<void>((resolve) => {
    if (until.aborted) resolve();
    else until.addEventListener("abort", () => resolve(), { once: true });
  });
  await close();
  return ok(undefined);
}
