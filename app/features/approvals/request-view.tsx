import { ArrowLeft } from "lucide-react";
import { type RefObject, useMemo, useState } from "react";
import type { HandlingVerb } from "../../protocol/acp/handling.ts";
import { IconButton } from "../../ui/button.tsx";
import { GoLink } from "../../ui/go-link.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { Mark } from "../../ui/mark.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { visibleText } from "../../ui/visible-text.ts";
import { FIRST_FOLD } from "./arguments-text.ts";
import { useCommitment } from "./commit/use-commitment.ts";
import { DecisionBar } from "./decision-bar.tsx";
import type { GateDetail } from "./gate-detail.ts";
import { HandleDialog } from "./handling/handle-dialog.tsx";
import { HandleMenu } from "./handling/handle-menu.tsx";
import { HandlingLine } from "./handling/handling-line.tsx";
import { type HandleForm, useHandle } from "./handling/use-handle.ts";
import { consequenceMark, rowMark, shortName } from "./names.ts";
import { KeptBar } from "./outbox-bar.tsx";
import { paneKey } from "./pane-key.ts";
import { RemainingTime, useArrival, useRemaining } from "./remaining-time.tsx";
import { RequestBody } from "./request-body.tsx";
import { namesKnown, requestFlags } from "./request-flags.ts";
import { ScrollBody } from "./scroll-body.tsx";
import { DecisionsSoFar, SettledBar } from "./settled-bar.tsx";
import type { Given } from "./use-decide.ts";
import { unsentOf, useOutbox } from "./use-outbox.ts";
import { useArmed, useChecks } from "./use-request.ts";

export interface RequestViewProps {
  readonly detail: GateDetail;
  readonly token: string | undefined;
  /** When the detail was read, epoch ms. */
  readonly readAtMs: number;
  readonly pane: RefObject<HTMLElement | null>;
  onClose(): void;
  /** It was put away: something else is next. */
  onAside(request: string): void;
  onGiven(given: Given): void;
}

/**
 * One request: what would run stays in view above, the decision below, and only what is between them scrolls, so that no
 * length of content moves either (F4, ACP-13). Mounted anew for each request.
 */
export function RequestView({ detail, token, readAtMs, pane, onClose, onAside, onGiven }: RequestViewProps) {
  const [fold, setFold] = useState(FIRST_FOLD);
  const [waitedAtFirst] = useState(detail.row.state === "pending");
  const leftMs = useRemaining(detail.row.remainingMs, useArrival(readAtMs));
  const checks = useChecks(detail, token);
  const flags = useMemo(() => requestFlags(detail, namesKnown(detail)), [detail]);
  const commitment = useCommitment(detail);
  // The agent's words come into view with the first verdict: what is shown is shown since then.
  const { armed, shownAtMs } = useArmed(`${detail.digest} ${commitment.given?.at ?? ""}`);
  const { outbox, items } = useOutbox();
  const unsent = unsentOf(items, detail.row.request);
  const pending = detail.row.state === "pending";
  const handle = useHandle(detail, leftMs, onAside);
  useKeys({
    c: paneKey(pane, () => handle.begin(isOwnClaim(handle) ? "unclaim" : "claim")),
    s: paneKey(pane, () => handle.begin(has(handle, "unshelve") ? "unshelve" : "shelve")),
    d: paneKey(pane, () => handle.begin(has(handle, "undefer") ? "undefer" : "defer")),
    m: paneKey(pane, () => handle.begin("respond")),
  });
  return (
    <article className="flex h-full min-h-0 min-w-0 flex-1 flex-col bg-panel" aria-label="Request">
      <RequestHeader detail={detail} leftMs={leftMs} handle={handle} onClose={onClose} />
      {pending ? <HandlingLine detail={detail} form={handle} /> : null}
      {pending ? <DecisionsSoFar detail={detail} /> : null}
      <ScrollBody>
        <RequestBody
          detail={detail}
          checks={checks}
          flags={flags}
          fold={fold}
          commitment={commitment}
          onFold={setFold}
        />
      </ScrollBody>
      {pending && unsent !== undefined ? (
        <KeptBar item={unsent} outbox={outbox} />
      ) : pending ? (
        <DecisionBar
          detail={detail}
          token={token}
          checks={checks}
          fold={fold}
          flags={flags}
          leftMs={leftMs}
          armed={armed}
          shownAtMs={shownAtMs}
          commitment={commitment}
          pane={pane}
          onGiven={onGiven}
        />
      ) : (
        <SettledBar detail={detail} meanwhile={waitedAtFirst} />
      )}
      {pending ? <HandleDialog form={handle} leftMs={leftMs} /> : null}
    </article>
  );
}

const has = (form: HandleForm, verb: HandlingVerb): boolean => form.verbs.some((choice) => choice.verb === verb);
const isOwnClaim = (form: HandleForm): boolean => has(form, "unclaim");

interface RequestHeaderProps {
  readonly detail: GateDetail;
  readonly leftMs: number | null;
  readonly handle: HandleForm;
  onClose(): void;
}

/** Action, agent, target, consequence and deadline, from the verified claims; bounded whatever they hold. */
function RequestHeader({ detail, leftMs, handle, onClose }: RequestHeaderProps) {
  const { claims, row } = detail;
  const target = claims.task.target;
  return (
    <header className="max-h-[38%] shrink-0 overflow-auto border-b border-strong px-4 py-2">
      <div className="flex flex-wrap items-start gap-x-2">
        <span className="md:hidden">
          <IconButton label="Back to the queue" icon={ArrowLeft} onPress={onClose} />
        </span>
        <h2 className="min-w-0 flex-1 py-0.5 font-mono text-lg font-semibold">
          <UntrustedText text={claims.task.exec_act} maxCharacters={80} />
        </h2>
        <span className="shrink-0 py-1 max-md:order-1 max-md:w-full">
          {row.state === "pending" ? (
            <RemainingTime leftMs={leftMs} onTimeout={row.onTimeout} long />
          ) : (
            <Mark {...rowMark(row)} />
          )}
        </span>
        {row.state === "pending" ? <HandleMenu form={handle} /> : null}
      </div>
      <dl className="flex flex-wrap gap-x-6 gap-y-1">
        <Term name="Consequence">
          <Mark {...consequenceMark(claims.consequence)} />
        </Term>
        <Term name="Agent">
          <bdi title={visibleText(claims.iss)}>{visibleText(shortName(claims.iss))}</bdi>{" "}
          <Identifier value={claims.iss} label="agent id" />
        </Term>
        <Term name="Target">
          {target === undefined ? (
            <span className="text-muted">none named</span>
          ) : (
            <UntrustedText text={target} maxCharacters={120} mono />
          )}
        </Term>
        <Term name="Task">
          <UntrustedText text={row.taskName} maxCharacters={80} /> <span className="text-muted">of</span>{" "}
          <UntrustedText text={row.runName} maxCharacters={60} />{" "}
          {row.taskIndex < 0 ? (
            <span className="text-muted">(not in the stored run)</span>
          ) : (
            <GoLink to="/watch" search={{ wid: claims.wid, sel: `t${row.taskIndex}`, detail: true }}>
              in the graph
            </GoLink>
          )}
        </Term>
      </dl>
    </header>
  );
}

function Term({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className="flex min-w-0 gap-2">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}
