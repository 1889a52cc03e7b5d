import { err, ok, type Result } from "../app/base/result.ts";
import { trustDomainFor } from "../app/host/name-trust-domain.ts";
import { isTrustDomainName, TRUST_DOMAIN_RULE } from "../app/protocol/identity/trust-domain-name.ts";
import { openFileStorage } from "./file-storage.ts";
import { withKeyPairs } from "./host-keys.ts";
import { openHttpHost } from "./http-host.ts";

const DEFAULT_PORT = 4180;

export interface ServeOptions {
  readonly data: string;
  /** 0: a free one. */
  readonly port: number;
  readonly json: boolean;
  /** What a new log's domain is called; an old one has its name. */
  readonly domain?: string | undefined;
}

export function readServeOptions(args: {
  readonly words: readonly string[];
  readonly data: string | undefined;
  readonly port: string | undefined;
  readonly json: boolean;
  readonly domain?: string | undefined;
}): Result<ServeOptions, string> {
  const { words, data, port = String(DEFAULT_PORT), json, domain } = args;
  if (words.length > 1) return err(`"${words[1]}" is not understood`);
  if (data === undefined || data === "") return err("name the directory to keep the log in: --data DIR");
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return err("--port takes a number from 0 to 65535; 0 is any");
  if (domain !== undefined && !isTrustDomainName(domain)) return err(`--domain takes ${TRUST_DOMAIN_RULE}`);
  return ok({ data, port: Number(port), json, domain });
}

/**
 * `serve --data DIR --port N --domain NAME`: the Node host over files, on this machine's loopback, until `until` is aborted. Writes its
 * addresses once it answers; a text says why it cannot begin.
 */
export async function serve(
  { data, port, json, domain }: ServeOptions,
  write: (line: string) => Promise<void>,
  until: AbortSignal,
): Promise<Result<void, string>> {
  const storage = await openFileStorage(data);
  if (!storage.ok) return err(`${data} cannot be used: ${storage.error.detail}`);
  const named = await trustDomainFor(storage.value, domain);
  if (!named.ok) {
    storage.value.log.close();
    return err(`${data} cannot be used: ${named.error.detail}`);
  }
  const opened = await openHttpHost({
    trustDomain: named.value,
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
