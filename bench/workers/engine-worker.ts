import { createSha256 } from "../../app/protocol/jose/hasher.ts";
import { measureAppend } from "../work/append.ts";
import { measureAppraisal } from "../work/appraisal.ts";
import { measurePast } from "../work/past.ts";
import { measurePolicy } from "../work/policy.ts";
import { measureQuery } from "../work/query.ts";
import { measureVerify } from "../work/verify.ts";
import { openCedarHere } from "./cedar.ts";
import { indexedDbTarget } from "./indexeddb-target.ts";
import type { EngineAnswer, EngineJob, EngineSample } from "./messages.ts";
import { verifyCrew } from "./verify-crew.ts";

/** Runs one job in a dedicated worker, where the console's engine runs as well. */

declare const self: DedicatedWorkerGlobalScope;

const answer = (message: EngineAnswer): void => self.postMessage(message);

async function run(job: EngineJob): Promise<readonly EngineSample[]> {
  switch (job.kind) {
    case "append":
      return measureAppend(indexedDbTarget, await createSha256(), job.options, null);
    case "verify":
      return measureVerify(await createSha256(), job.options, null, verifyCrew);
    case "past":
      return [await measurePast(indexedDbTarget, await createSha256(), job.options, null)];
    case "query":
      return [await measureQuery(await createSha256(), job.options, null)];
    case "policy":
      return measurePolicy(await openCedarHere(), job.options);
    case "appraisal":
      return measureAppraisal(await createSha256(), job.options);
  }
}

self.onmessage = (event: MessageEvent<EngineJob>) => {
  run(event.data).then(
    (samples) => answer({ ok: true, samples }),
    (error: unknown) =>
      answer({ ok: false, detail: error instanceof Error ? (error.stack ?? error.message) : "failed" }),
  );
};
