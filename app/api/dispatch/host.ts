import { isSound } from "../../engine/load.ts";
import { CONTRACT_VERSION } from "../contract/contract.ts";
import { api, positionOf } from "./base.ts";

const STORAGE_STATE = {
  storage_full: "full",
  storage_blocked: "blocked",
  storage_denied: "denied",
  storage_failed: "failed",
  not_leader: "blocked",
} as const;

export const hostOperations = {
  status: api.host.status.handler(async ({ context: { host } }) => {
    const { engine, ports } = host;
    const use = await ports.storageUse();
    const trouble = engine.trouble();
    const fault = engine.fault();
    const damage = fault === null || isSound(fault) ? null : fault;
    const checked = host.integrity.state();
    const counts = await engine.read((state) => ({
      pending: [...state.gates.values()].filter((gate) => gate.status === "pending").length,
      running: [...state.workflows.values()].filter((workflow) => workflow.status === "running").length,
    }));
    const sth = engine.newestHead();
    return {
      position: await positionOf(host),
      kind: ports.kind,
      contractVersion: CONTRACT_VERSION,
      epoch: ports.epoch,
      storage: {
        state: trouble === null ? use.state : STORAGE_STATE[trouble.code],
        detail: trouble?.detail ?? use.detail,
        usageBytes: use.usageBytes,
        quotaBytes: use.quotaBytes,
      },
      integrity: {
        state: damage === null ? checked.state : ("broken" as const),
        checkedSize: damage === null ? checked.checkedSize : damage.seq,
        checkedAtMs: checked.checkedAtMs,
        report: checked.report,
      },
      sth: sth === null ? null : { size: sth.size, iat: sth.iat },
      isolated: ports.pool.isolated,
      pool: ports.pool.size(),
      pendingGates: counts.pending,
      latched: host.gateway.latches.all().length,
      running: counts.running,
    };
  }),
};
