import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import { useNoteRead } from "../../operator/use-note-read.ts";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/definition-list.tsx";
import { Drawer } from "../../ui/drawer.tsx";
import { formatCount } from "../../ui/duration.ts";
import { AS_OF } from "../../ui/frozen.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { Loading, ProblemNote } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { AuditRecords } from "./audit-records.tsx";
import { ClaimsView } from "./claims-view.tsx";
import type { EntryDetail } from "./entry-detail.ts";
import { entryKey } from "./entry-key.ts";
import { OpenEntry } from "./entry-link.tsx";
import { EntryProof, EntrySteps } from "./entry-proof.tsx";
import { actionWords, severityMark, shortTyp } from "./names.ts";
import { WatchLink } from "./watch-link.tsx";

export interface EntryDrawerProps {
  readonly seq: number;
  /** Entry that the last verification named bad, or null. */
  readonly bad: number | null;
  onOpen(seq: number): void;
  onClose(): void;
}

/** One entry opened: what it says, whether that holds, its proof, and what it belongs to. */
export function EntryDrawer({ seq, bad, onOpen, onClose }: EntryDrawerProps) {
  const api = useApi();
  const entry = useQuery({
    // What refers to an entry may come later, so it is asked again on opening.
    queryKey: entryKey(seq),
    queryFn: ({ signal }) => api.client.audit.entry({ seq }, { signal }),
    staleTime: 2_000,
    retry: false,
  });
  useNoteRead("entry", entry.data === undefined ? null : seq, entry.data?.row.domain);
  return (
    <Drawer title={`Entry ${formatCount(seq)}`} isOpen onClose={onClose}>
      {/* Words for screen readers are positioned; they belong to this box, or they lengthen the whole page. */}
      <div className="relative">
        {bad === seq ? <BadNote /> : null}
        {entry.data !== undefined ? (
          <EntryBody entry={entry.data} onOpen={onOpen} />
        ) : entry.isError ? (
          <ProblemNote problem={problemOf(entry.error)} onRetry={() => void entry.refetch()} />
        ) : (
          <Loading what={`entry ${formatCount(seq)}`} />
        )}
      </div>
    </Drawer>
  );
}

function BadNote() {
  return (
    <p className="mb-3 border border-critical bg-critical-soft px-3 py-2">
      <Mark shape="cross" tone="critical" label="The last verification named this entry as the first bad one." />
    </p>
  );
}

function EntryBody({ entry, onOpen }: { readonly entry: EntryDetail; onOpen(seq: number): void }) {
  return (
    <>
      <div className="pb-3">
        <Summary entry={entry} />
      </div>
      <EntrySteps steps={entry.steps} />
      <EntryProof entry={entry} />
      <AuditRecords row={entry.row} onOpen={onOpen} />
      <Links links={entry.links} onOpen={onOpen} />
      <Section title="Claims">
        <ClaimsView claims={entry.claims} />
      </Section>
      <Section title="Header">
        <ClaimsView claims={entry.header} />
      </Section>
      <RawToken token={entry.token} seq={entry.row.seq} />
    </>
  );
}

function Summary({ entry: { row, digest } }: { readonly entry: EntryDetail }) {
  const severity = severityMark(row.severity);
  return (
    <Facts
      items={[
        { term: "Type", value: <span className="font-mono text-xs">{shortTyp(row.typ)}</span> },
        { term: "Action", value: actionWords(row) ?? <UntrustedText text={row.action} mono /> },
        ...(row.outcome === null ? [] : [{ term: "Outcome", value: <UntrustedText text={row.outcome} /> }]),
        ...(severity === null ? [] : [{ term: "Severity", value: <Mark {...severity} /> }]),
        ...(row.taskName === null ? [] : [{ term: "Task", value: <UntrustedText text={row.taskName} /> }]),
        { term: "Received", value: <Instant epochMs={row.receivedAt * 1000} full /> },
        ...(row.iss === null
          ? []
          : [{ term: "Signed by", value: <Identifier value={row.iss} label="issuer" whole /> }]),
        { term: "Submitted by", value: <Identifier value={row.submitter} label="submitter" whole /> },
        ...(row.jti === null ? [] : [{ term: "Token id", value: <Identifier value={row.jti} label="token id" /> }]),
        ...(row.task === null ? [] : [{ term: "Task id", value: <Identifier value={row.task} label="task id" /> }]),
        ...(row.wid === null
          ? []
          : [
              {
                term: "Workflow",
                value: (
                  <>
                    <Identifier value={row.wid} label="workflow id" />{" "}
                    <WatchLink wid={row.wid} task={row.task} taskName={row.taskName} />
                  </>
                ),
              },
            ]),
        { term: "Token digest", value: <Identifier value={digest} label="token digest" /> },
      ]}
    />
  );
}

function Links({ links, onOpen }: { readonly links: EntryDetail["links"]; onOpen(seq: number): void }) {
  if (links.length === 0) return null;
  return (
    <Section title={`Belongs to (${formatCount(links.length)})`}>
      <ul className="space-y-0.5">
        {links.slice(0, 200).map((link) => (
          <li key={`${link.rel} ${link.jti}`} className="flex flex-wrap items-center gap-x-2">
            <span className="min-w-24 text-muted">{link.rel.replaceAll("_", " ")}</span>
            {link.seq === null ? (
              <>
                <Identifier value={link.jti} label={link.rel} />
                <span className="text-xs text-muted">not in this log</span>
              </>
            ) : (
              <OpenEntry seq={link.seq} onOpen={onOpen} />
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function RawToken({ token, seq }: { readonly token: string; readonly seq: number }) {
  const copy = (): void => {
    navigator.clipboard.writeText(token).then(
      () => toast({ title: "Token copied", tone: "neutral" }),
      () => toast({ title: "The browser does not allow copying", detail: "Select the text instead.", tone: "warning" }),
    );
  };
  return (
    <Section
      title="Token as stored"
      aside={
        <>
          <GoLink to="/inspector" search={{ entry: seq }}>
            inspect it
          </GoLink>
          <GoLink to="/watch" search={{ [AS_OF]: seq + 1 }}>
            show the console as of this entry
          </GoLink>
          <Button size="sm" onPress={copy}>
            Copy
          </Button>
        </>
      }
    >
      <textarea
        readOnly
        aria-label="Token"
        rows={6}
        value={token}
        className="block w-full resize-y bg-sunken p-2 font-mono text-xs break-all"
      />
    </Section>
  );
}
