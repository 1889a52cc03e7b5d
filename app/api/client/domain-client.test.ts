import { describe, expect, it } from "vitest";
import type { SignalboxClient } from "./client.ts";
import { domainClient } from "./domain-client.ts";

describe("a client for another domain's log", () => {
  it("[XDA-2] asks for that domain's log wherever a log is read, and leaves everything else as it is", async () => {
    const asked: unknown[] = [];
    const note = (what: string) => async (input: unknown) => void asked.push([what, input]);
    const client = {
      audit: { entries: note("entries"), verify: note("verify"), watch: note("watch") },
      workflow: { list: note("list") },
    } as unknown as SignalboxClient; // a proxy's type, which no plain object has
    const other = domainClient(client, "core.example");
    await other.audit.entries({ limit: 2 });
    await other.audit.verify();
    await other.audit.watch();
    await other.workflow.list();
    expect(asked).toEqual([
      ["entries", { limit: 2, domain: "core.example" }],
      ["verify", { domain: "core.example" }],
      ["watch", undefined],
      ["list", undefined],
    ]);
    expect(other.audit.entries).toBe(other.audit.entries);
  });
});
