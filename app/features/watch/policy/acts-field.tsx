import { Checkbox } from "../../../ui/checkbox.tsx";
import type { Acts } from "./use-acts.ts";

/** Whether there is something that a rollback can take back (CAS-30). */
export function ActsField({ acts }: { readonly acts: Acts }) {
  if (!acts.isOffered) return null;
  return (
    <div>
      <Checkbox isSelected={acts.isOn ?? false} onChange={acts.set}>
        Its agents act on simulated resources of this console
      </Checkbox>
      <p className="text-xs text-muted">
        They make checkpoints and change files that only exist here, so that a rollback has something to take back.
        Without it they only re-enact, and nothing is changed.
      </p>
    </div>
  );
}
