import { createSha256 } from "../../app/protocol/jose/hasher.ts";
import { type AppendSample, measureAppend } from "../work/append.ts";
import { measureVerify, type VerifySample } from "../work/verify.ts";
import { indexedDbTarget } from "./indexeddb-target.ts";
import type { EngineAnswer, EngineJob } from "./messages.ts";

/** Runs one job in a dedicated worker, where the console's engine runs as well. */

declare const self: DedicatedWorkerGlobalScope;

const answer = (message: EngineAnswer): void => self.postMessage(message);

async function run(job: EngineJob): Promise<readonly (AppendSample | VerifySample)[]> {
  const sha256 = await createSha256();
  return job.kind === "append"
    ? measureAppend(indexedDbTarget, sha256, job.options, null)
    : measureVerify(sha256, job.options, null);
}

self.onmessage = (event: MessageEvent<EngineJob>) => {
  run(event.data).then(
    (samples) => answer({ ok: true, samples }),
    (error: unknown) =>
      answer({ ok: false, detail: error instanceof Error ? (error.stack ?? error.message) : "failed" }),
  );
};
