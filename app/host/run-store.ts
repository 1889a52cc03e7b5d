import type { Json } from "../base/json.ts";
import type { Sha256 } from "../base/ports.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { ObjectStore, Unavailable } from "../engine/ports.ts";
import { planRun, type RunPlan, taskJti } from "../engine/workflow/plan.ts";
import { objectDigest } from "../protocol/jcs/canonical.ts";
import { type Refusal, refusal } from "../protocol/jose/refusal.ts";
import { type RecordedRun, recordedRunSchema } from "../protocol/run/recorded-run.ts";

/** The recorded runs of a host, stored under their object digest; what a token says of a run is checked against it (COM-11). */
export interface RunStore {
  add(
    run: RecordedRun,
  ): Promise<Result<{ readonly digest: string; readonly alreadyStored: boolean }, Refusal | Unavailable>>;
  list(): Promise<Result<readonly RunPlan[], Unavailable>>;
  plan(digest: string): Promise<Result<RunPlan, Refusal | Unavailable>>;
  remove(digest: string): Promise<Result<boolean, Unavailable>>;
  /** The plan if it has been read already: for names on a list, never for a decision. */
  known(digest: string): RunPlan | undefined;
  /** The jti of every task of a workflow, by task index, and the way back. */
  jtis(wid: string, plan: RunPlan): TaskIds;
}

export interface TaskIds {
  readonly jtis: readonly string[];
  readonly indexOf: ReadonlyMap<string, number>;
}

export function createRunStore(objects: ObjectStore, sha256: Sha256): RunStore {
  const plans = new Map<string, RunPlan>();
  const ids = new Map<string, TaskIds>();

  const plan = async (digest: string): Promise<Result<RunPlan, Refusal | Unavailable>> => {
    const known = plans.get(digest);
    if (known !== undefined) return ok(known);
    const stored = await objects.get(digest);
    if (!stored.ok) return stored;
    if (stored.value === undefined || stored.value === null)
      return err(refusal("run_unknown", "this recorded run is not stored here: load its file again"));
    const run = recordedRunSchema.safeParse(stored.value);
    if (!run.success) return err(refusal("object_hash_mismatch", "the stored run is not one: load its file again"));
    // Its schema holds JSON values only, which the inferred type (optional members) does not say.
    const actual = objectDigest(run.data as unknown as Json, sha256);
    if (!actual.ok || actual.value !== digest)
      return err(refusal("object_hash_mismatch", "the stored run was changed: load its file again"));
    const made = planRun(digest, run.data);
    plans.set(digest, made);
    return ok(made);
  };

  return {
    add: async (run) => {
      // A recorded run is JSON, as above.
      const digest = objectDigest(run as unknown as Json, sha256);
      if (!digest.ok) return digest;
      const stored = await objects.get(digest.value);
      if (!stored.ok) return stored;
      if (stored.value !== undefined && stored.value !== null) return ok({ digest: digest.value, alreadyStored: true });
      const put = await objects.put(digest.value, run);
      if (!put.ok) return put;
      plans.set(digest.value, planRun(digest.value, run));
      return ok({ digest: digest.value, alreadyStored: false });
    },
    list: async () => {
      const digests = await objects.list();
      if (!digests.ok) return digests;
      const found = await Promise.all(digests.value.map((digest) => plan(digest)));
      return ok(found.flatMap((result) => (result.ok ? [result.value] : [])));
    },
    plan,
    remove: async (digest) => {
      const removed = await objects.delete(digest);
      if (!removed.ok) return removed;
      return ok(plans.delete(digest));
    },
    known: (digest) => plans.get(digest),
    jtis: (wid, of) => {
      const known = ids.get(wid);
      if (known !== undefined) return known;
      const jtis = of.tasks.map((task) => taskJti(wid, task.id));
      const made = { jtis, indexOf: new Map(jtis.map((jti, index) => [jti, index])) };
      ids.set(wid, made);
      return made;
    },
  };
}
