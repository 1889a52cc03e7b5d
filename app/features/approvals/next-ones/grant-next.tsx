import { lazy, Suspense, useState } from "react";
import type { GrantSubject } from "../../../operator/grant-claims.ts";
import { Button } from "../../../ui/button.tsx";
import type { GateDetail } from "../gate-detail.ts";

const GrantDialog = lazy(() =>
  import("../../../operator/grant-dialog.tsx").then((loaded) => ({ default: loaded.GrantDialog })),
);

/** What a standing grant for the next ones like a request is about (ACP-40). */
export function grantSubjectOf({ claims, row }: GateDetail): GrantSubject {
  return {
    wid: claims.wid,
    acp: { jti: claims.acp.jti, hash: claims.acp.hash },
    agent: claims.iss,
    execAct: claims.task.exec_act,
    ruleIds: [...claims.rule_ids],
    role: row.roles[0]?.role ?? claims.role,
    target: claims.task.target ?? null,
  };
}

/** The form for a grant, loaded when it is first asked for. */
export function GrantForm({ detail, onClose }: { readonly detail: GateDetail; onClose(): void }) {
  return (
    <Suspense>
      <GrantDialog subject={grantSubjectOf(detail)} onClose={onClose} />
    </Suspense>
  );
}

export interface GrantNextProps {
  readonly detail: GateDetail;
  /** Unless told: where it was approved as it was asked for. */
  readonly isOffered?: boolean;
}

/** Below a request that was approved: leave in advance for the next ones of its kind. */
export function GrantNext({ detail, isOffered = isApproved(detail) }: GrantNextProps) {
  const [isOpen, setOpen] = useState(false);
  if (!detail.row.grantable || !isOffered) return null;
  return (
    <>
      <Button writes size="sm" onPress={() => setOpen(true)}>
        Allow the next ones like this …
      </Button>
      {isOpen ? <GrantForm detail={detail} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

/** Approved as it was asked for: what was changed first is no habit. */
const isApproved = ({ row }: GateDetail): boolean =>
  (row.state === "approved" || row.state === "consumed") && !row.modified;
