import type { AgentPool } from "../../agents/messages.ts";

interface Here {
  readonly navigator?: { readonly userAgent?: string; readonly hardwareConcurrency?: number };
  readonly process?: { readonly versions?: { readonly node?: string } };
}

/**
 * What a host knows of where it runs, as classes rather than as a fingerprint: engine and its major version, cores, where
 * agents run. Results are comparable only where all of it is equal (B5).
 */
export function hostEnvironment(ports: {
  readonly kind: string;
  readonly pool: Pick<AgentPool, "place" | "isolated">;
}): Record<string, string> {
  // The same module runs in a worker of a browser and in Node, which know different globals.
  const { navigator, process } = globalThis as unknown as Here;
  const node = process?.versions?.node;
  return {
    "host.kind": ports.kind,
    "host.engine": node === undefined ? browserClass(navigator?.userAgent ?? "") : `node ${node.split(".")[0] ?? ""}`,
    "host.cores": navigator?.hardwareConcurrency === undefined ? "unknown" : String(navigator.hardwareConcurrency),
    "host.agents": ports.pool.place,
    "host.isolated": ports.pool.isolated ? "yes" : "no",
  };
}

const BROWSERS = [
  ["firefox", /Firefox\/(\d+)/],
  ["edge", /Edg\/(\d+)/],
  ["chromium", /Chrom(?:e|ium)\/(\d+)/],
  ["safari", /Version\/(\d+).*Safari/],
] as const;

export function browserClass(userAgent: string): string {
  for (const [name, pattern] of BROWSERS) {
    const found = pattern.exec(userAgent);
    if (found !== null) return `${name} ${found[1] ?? ""}`;
  }
  return "unknown";
}
