import type { ResourceDesk, ResourceStore } from "../agents/resources/resource-store.ts";
import type { Clock, Sha256 } from "../base/ports.ts";
import { ok } from "../base/result.ts";
import type { Engine } from "../engine/engine.ts";
import type { KeyValueStore } from "../engine/ports.ts";
import type { LatchTable } from "../gateway/latch-table.ts";
import { createDeskGates } from "./desk-gates.ts";
import { keptShaped, namesShape, performShape, saveShape, shaped, undoShape } from "./desk-shapes.ts";

/** The resources of a host, and what its agents may do to them. */
export interface HostResources {
  /** For views and comparisons; nothing is written over it but by the enforcement point's leave. */
  readonly store: ResourceStore;
  /** For the agents: who may write is the log's to say, not theirs. */
  readonly desk: ResourceDesk;
}

export function createHostResources(
  engine: Engine,
  ports: {
    readonly values: KeyValueStore;
    readonly clock: Clock;
    readonly sha256: Sha256;
    /** Stops in force that reach an action, of the enforcement point itself (OVR-46). */
    stops?: LatchTable["coveringAll"];
  },
): HostResources {
  const gates = createDeskGates(engine, ports.clock, { coveringAll: ports.stops ?? (() => []) });
  const store = lazyStore(async () => {
    const { createResourceStore } = await import("../agents/resources/values-store.ts");
    return createResourceStore(ports.values, () => ports.clock.nowMs(), ports.sha256, gates.isOver);
  });
  const desk: ResourceDesk = {
    save: async (sent) => {
      const input = shaped(saveShape, sent);
      if (!input.ok) return input;
      for (const check of [() => gates.standing(input.value, "running"), () => gates.promised(input.value)]) {
        const may = await check();
        if (!may.ok) return may;
      }
      return store.save(input.value);
    },
    perform: async (sent) => {
      const input = shaped(performShape, sent);
      if (!input.ok) return input;
      for (const check of [() => gates.standing(input.value, "effect"), () => gates.declared(input.value)]) {
        const may = await check();
        if (!may.ok) return may;
      }
      return store.perform(input.value);
    },
    undo: async (sent) => {
      const order = shaped(undoShape, sent);
      if (!order.ok) return order;
      const may = await gates.asked(order.value);
      if (!may.ok) {
        // A stop undoes nothing of what was written before it, and does not hide it (CAS-16).
        const known = may.error.code === "override_active" ? await store.undone(order.value) : ok(null);
        return known.ok && known.value !== null ? ok(known.value) : may;
      }
      const { method, ckptId } = order.value;
      if (method === "restore" && ckptId !== null) {
        const saved = await store.saved(ckptId);
        const same = saved.ok ? await gates.stated(saved.value, ckptId) : saved;
        if (!same.ok) return same;
      }
      return store.undo(order.value);
    },
    keep: async (agent, sent) => {
      const kept = keptShaped(sent);
      const may = kept.ok ? await gates.holding(agent, kept.value) : kept;
      return may.ok ? store.keep(agent, may.value) : may;
    },
    held: async (agent, sent) => {
      const names = shaped(namesShape, sent);
      return names.ok ? store.held(agent, names.value) : names;
    },
    kept: (agent) => store.kept(agent),
    lockedBy: async (rbId, sent) => {
      const names = shaped(namesShape, sent);
      return names.ok ? store.lockedBy(rbId, names.value) : names;
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
    undone: async (...args) => (await store()).undone(...args),
  };
}
