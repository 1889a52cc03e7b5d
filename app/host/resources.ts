import { writtenBy } from "../agents/resources/effect.ts";
import type { ResourceDesk, ResourceStore, StoreProblem } from "../agents/resources/resource-store.ts";
import type { Clock, Sha256 } from "../base/ports.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Engine } from "../engine/engine.ts";
import type { KeyValueStore } from "../engine/ports.ts";
import { checkDeclaredUndo } from "../protocol/cascade/checkpoint.ts";

/** The resources of a host, and what its agents may do to them. */
export interface HostResources {
  /** For views and comparisons; nothing is written over it but by the enforcement point's leave. */
  readonly store: ResourceStore;
  /** For the agents: who may write is the log's to say, not theirs. */
  readonly desk: ResourceDesk;
}

export function createHostResources(
  engine: Engine,
  ports: { readonly values: KeyValueStore; readonly clock: Clock; readonly sha256: Sha256 },
): HostResources {
  const store = lazyStore(async () => {
    const { createResourceStore } = await import("../agents/resources/values-store.ts");
    return createResourceStore(ports.values, () => ports.clock.nowMs(), ports.sha256);
  });
  /** Only of the agent's own task, in a workflow whose agents act, and only where the log has it. */
  const standing = (
    { agent, wid, task }: { readonly agent: string; readonly wid: string; readonly task: string },
    status: "running" | "effect",
  ): Promise<Result<void, StoreProblem>> =>
    engine.read((state): Result<void, StoreProblem> => {
      const workflow = state.workflows.get(wid);
      const known = workflow?.tasks.get(task);
      return workflow?.acts === true && known?.agent === agent && known.status === status
        ? ok(undefined)
        : err({ code: "task_not_permitted", detail: `no task of this agent is ${status} under this id` });
    });
  /** CAS-10, CAS-11: what undoes it is in the log, or that nothing does. */
  const declared = ({ agent, wid, task, deeds }: Parameters<ResourceDesk["perform"]>[0]) =>
    engine.read((state): Result<void, StoreProblem> => {
      const kind = state.workflows.get(wid)?.tasks.get(task)?.intent?.undo?.kind ?? null;
      const resources = writtenBy({ deeds: [...deeds] });
      // The desk saves what is written by its very name, so that no place above it need be looked for.
      const own = [...state.checkpoints.values()].filter(
        (ckpt) => ckpt.wid === wid && ckpt.agent === agent && ckpt.scope.includes(resources[0] ?? ""),
      );
      const action = { effect: resources.length > 0, resources, undo: kind };
      const checked = checkDeclaredUndo(action, own, Math.floor(ports.clock.nowMs() / 1000));
      return checked.ok ? ok(undefined) : err({ code: checked.error.code, detail: checked.error.detail });
    });
  const desk: ResourceDesk = {
    ...store,
    save: async (input) => {
      const may = await standing(input, "running");
      return may.ok ? store.save(input) : may;
    },
    perform: async (input) => {
      for (const check of [() => standing(input, "effect"), () => declared(input)]) {
        const may = await check();
        if (!may.ok) return may;
      }
      return store.perform(input);
    },
  };
  return { store, desk };
}

/** A store that is loaded when it is first asked: where no agent ever runs it never is. */
function lazyStore(load: () => Promise<ResourceStore>): ResourceStore {
  let loaded: Promise<ResourceStore> | null = null;
  const store = (): Promise<ResourceStore> => {
    loaded ??= load();
    return loaded;
  };
  return {
    save: async (...args) => (await store()).save(...args),
    perform: async (...args) => (await store()).perform(...args),
    held: async (...args) => (await store()).held(...args),
    undo: async (...args) => (await store()).undo(...args),
    keep: async (...args) => (await store()).keep(...args),
    kept: async (...args) => (await store()).kept(...args),
    lockedBy: async (...args) => (await store()).lockedBy(...args),
    read: async (...args) => (await store()).read(...args),
    list: async (...args) => (await store()).list(...args),
    digest: async (...args) => (await store()).digest(...args),
    saved: async (...args) => (await store()).saved(...args),
  };
}
