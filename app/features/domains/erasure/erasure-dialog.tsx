import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import type { ErasurePreviewView, RecordApartView } from "../../../api/contract/domain-orders.ts";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { useRoleProblem } from "../../../operator/use-accounting.ts";
import { useDomainOrder } from "../../../operator/use-domain-order.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Instant } from "../../../ui/instant.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { Select } from "../../../ui/select.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { claimName } from "../ask-words.ts";
import { claimsWords, recordsWords, staysWords } from "./erasure-words.ts";

const MAY = { erase: ["duty_manager", "safety_officer"], hold: ["auditor", "duty_manager", "safety_officer"] } as const;

export interface ErasureDialogProps {
  readonly domains: readonly string[];
  onClose(): void;
}

/**
 * Has a domain erase what it keeps apart of somebody's records, or hold it: what would go and what stays and why is counted
 * by the domain before it is signed, and exactly that is signed (XDA-76).
 */
export function ErasureDialog({ domains, onClose }: ErasureDialogProps) {
  const { orpc } = useApi();
  const [domain, setDomain] = useState(domains[0] ?? "");
  const [subject, setSubject] = useState<string | null>(null);
  const [entry, setEntry] = useState("");
  const [kind, setKind] = useState<"erase" | "hold">("erase");
  const mayNot = useRoleProblem(MAY[kind]);
  const order = useDomainOrder();
  const subjects = useQuery({
    ...orpc.domains.subjects.queryOptions({ input: { domain } }),
    enabled: domain !== "",
  });
  const seq = ENTRY.test(entry.trim()) ? Number(entry) : null;
  const apart = useQuery({
    ...orpc.domains.apart.queryOptions({ input: { domain, seq: seq ?? 0 } }),
    enabled: seq !== null,
  });
  const record = seq === null ? undefined : apart.data?.record;
  const about = entry.trim() !== "" ? recordOf(record) : subject === null ? null : { subject };
  const preview = useQuery({
    ...orpc.domains.erasurePreview.queryOptions({ input: { domain, about: about ?? { subject: "" } } }),
    enabled: about !== null,
  });
  const shown = preview.data?.preview.shown ?? null;
  const isErasure = kind === "erase";
  return (
    <OrderDialog
      title="Erase or hold what records keep apart"
      verb={isErasure ? "Erase" : "Hold"}
      busy={isErasure ? "Erasing …" : "Holding …"}
      keep="Leave it as it is"
      why="Why? (recorded)"
      done={isErasure ? "The order to erase is in the log" : "The legal hold is in force"}
      doneDetail={
        isErasure
          ? "The list says when it was carried out."
          : "Nothing of these is erased until it ends, by order or by time."
      }
      size="lg"
      focusReason={false}
      isReady={mayNot === null && about !== null && (!isErasure || (shown !== null && !preview.isFetching))}
      run={async (reason) => {
        if (about === null) return [];
        if (!isErasure) await order(domain, { kind: "legal_hold", about }, reason);
        else if (shown !== null) await order(domain, { kind: "erase", about, shown }, reason);
        return [];
      }}
      onClose={onClose}
    >
      <Segmented
        label="What is ordered"
        options={[
          { id: "erase", name: "Erase" },
          { id: "hold", name: "Legal hold" },
        ]}
        selected={kind}
        onChange={setKind}
      />
      <div className="grid gap-3 md:grid-cols-2">
        <Select
          label="Domain"
          items={domains.map((id) => ({ id, name: visibleText(id) }))}
          selectedKey={domain}
          onSelectionChange={(id) => {
            setDomain(id);
            setSubject(null);
            setEntry("");
          }}
        />
        <Select
          label="Records of"
          items={(subjects.data?.subjects ?? []).map(({ subject: id, records }) => ({
            id,
            // What tells them apart stands last in their ids, where a narrow field cuts it off.
            name: visibleText(`${id.slice(id.lastIndexOf("/") + 1)}, ${recordsWords(records)}: ${id}`),
          }))}
          selectedKey={subject}
          onSelectionChange={setSubject}
          isDisabled={entry.trim() !== ""}
        />
        <TextField
          label="Only the record at entry"
          description="Its number in the domain's log. Empty: all records of whom you choose."
          value={entry}
          onChange={setEntry}
          errorMessage={entry.trim() !== "" && seq === null ? "A number of an entry." : undefined}
        />
      </div>
      {record === undefined ? null : <Apart record={record} />}
      {subjects.isError ? (
        <ProblemNote problem={problemOf(subjects.error)} onRetry={() => void subjects.refetch()} />
      ) : null}
      {about === null ? null : preview.data === undefined ? (
        preview.isError ? (
          <ProblemNote problem={problemOf(preview.error)} onRetry={() => void preview.refetch()} />
        ) : (
          <Loading what="what would be erased" />
        )
      ) : isErasure ? (
        <WouldGo preview={preview.data.preview} />
      ) : (
        <p>
          {entry.trim() !== ""
            ? "Nothing of this record is erased until the hold ends, by order or by time."
            : "Nothing of these records is erased until the hold ends, by order or by time. Later ones are under it too."}
        </p>
      )}
      {mayNot === null ? null : <p className="font-medium">{mayNot}</p>}
    </OrderDialog>
  );
}

const ENTRY = /^\d{1,9}$/;

const recordOf = (record: RecordApartView | null | undefined) =>
  record === null || record === undefined ? null : { record: { jti: record.jti, hash: record.hash } };

/** What the record at an entry keeps apart, and what became of it. */
function Apart({ record }: { readonly record: RecordApartView | null }) {
  if (record === null) return <p className="text-muted">No record that keeps anything apart is at this entry.</p>;
  const { hidden, kept, erasedBy, held } = record;
  return (
    <p>
      {formatCount(hidden)} {hidden === 1 ? "claim is" : "claims are"} only digests in the log.{" "}
      {kept.length > 0
        ? `Still kept: ${kept.map(claimName).join(", ")}.`
        : erasedBy === null
          ? "Erased: the time for them was over."
          : `Erased by order, entry ${formatCount(erasedBy.seq)}.`}
      {held ? " Under a legal hold." : ""}
    </p>
  );
}

function WouldGo({ preview }: { readonly preview: ErasurePreviewView }) {
  const { shown, freeFrom } = preview;
  const stays = staysWords(preview);
  return (
    <section aria-label="What would be erased" className="space-y-1">
      <p className="font-semibold">
        {shown === null ? "Nothing would be erased" : `Erased of ${recordsWords(shown.records)}, for good`}
      </p>
      <ul className="list-inside list-disc">
        {shown === null ? null : claimsWords(shown.claims).map((words) => <li key={words}>{words}</li>)}
        {stays.map((words) => (
          <li key={words}>Stays: {words}</li>
        ))}
      </ul>
      {freeFrom === null ? null : (
        <p className="text-muted">
          The first of what its regime has kept may go on <Instant epochMs={freeFrom * 1000} full />.
        </p>
      )}
      {shown === null ? null : (
        <p className="text-muted">
          The records stay in the log with the digests, and verify as before. What left in answers, packs or copies is
          out of reach. So are the agents&apos; own tokens, which this console&apos;s log has whole.
        </p>
      )}
    </section>
  );
}
