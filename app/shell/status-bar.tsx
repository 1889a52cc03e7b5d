import { useEffect, useState } from "react";
import { useConnection } from "../api/client/api-context.tsx";
import { useOperator } from "../operator/operator-context.tsx";
import { useNow } from "../ui/clock.ts";
import { Facts } from "../ui/definition-list.tsx";
import { Details } from "../ui/details.tsx";
import { formatAge, formatBytes, formatCount } from "../ui/duration.ts";
import { Identifier } from "../ui/identifier.tsx";
import { Instant } from "../ui/instant.tsx";
import { MarkIcon } from "../ui/mark.tsx";
import { type HostStatus, useHeadConflict, useHostStatus } from "./host-status.ts";
import { type StatusItem, statusItems } from "./status-items.ts";

const TONES = {
  neutral: "",
  good: "",
  notice: "text-notice",
  warning: "text-warning",
  critical: "text-critical",
} as const;

/**
 * Connection, storage, log, signed head and version: always in view, each with shape, words and age (L1). A phone has two
 * rows for them.
 */
export function StatusBar() {
  const connection = useConnection();
  const { data: status, dataUpdatedAt } = useHostStatus();
  const conflict = useHeadConflict();
  const persisted = usePersisted();
  const nowMs = useNow();
  const items = statusItems({ connection, status, readAtMs: dataUpdatedAt, conflict, persisted, nowMs });
  return (
    <section
      aria-label="Status"
      className="flex h-[49px] shrink-0 flex-wrap content-stretch items-stretch overflow-auto border-t border-line bg-panel text-xs sm:h-7 sm:flex-nowrap md:px-2"
    >
      {items.map((item) => (
        <Details
          key={item.id}
          title={item.name}
          className={`shrink-0 gap-1 px-1.5 sm:gap-1.5 md:px-2.5 ${TONES[item.tone]}`}
          trigger={
            <>
              <MarkIcon shape={item.shape} tone={item.tone} size={10} />
              <span className="sr-only text-muted lg:not-sr-only">{item.name}</span>
              <span className={item.tone === "neutral" ? "" : "font-semibold"}>{item.text}</span>
              <span className="sr-only text-muted sm:not-sr-only">{item.more}</span>
              {item.age === "" ? null : <ItemAge age={item.age} />}
            </>
          }
        >
          <p className="mb-3">{item.sentence}</p>
          <ItemFacts item={item} status={status} persisted={persisted} />
        </Details>
      ))}
      {/* Stays at the edge while the rest is scrolled on a narrow screen. */}
      <span className="sticky right-0 ml-auto flex shrink-0 items-center gap-1 bg-panel px-1.5 text-muted md:px-2">
        {dataUpdatedAt === 0 ? "not read yet" : "read"}
        {dataUpdatedAt === 0 ? null : <ItemAge age={formatAge(Math.max(0, nowMs - dataUpdatedAt))} />}
      </span>
    </section>
  );
}

/** `4 min`; on a phone `4m`. */
function ItemAge({ age }: { readonly age: string }) {
  return (
    <>
      <span className="whitespace-nowrap text-muted max-sm:hidden">{age}</span>
      <span className="text-muted sm:hidden">{compactAge(age)}</span>
    </>
  );
}

const compactAge = (age: string): string => age.replace(/ ([a-z])[a-z]*$/, "$1");

interface ItemFactsProps {
  readonly item: StatusItem;
  readonly status: HostStatus | undefined;
  readonly persisted: boolean | null;
}

function ItemFacts({ item, status, persisted }: ItemFactsProps) {
  const connection = useConnection();
  if (item.id === "connection") {
    return (
      <Facts
        items={[
          { term: "State", value: connection.state },
          { term: "Since", value: <Instant epochMs={connection.sinceMs} /> },
          ...(status === undefined ? [] : hostFacts(status)),
        ]}
      />
    );
  }
  if (status === undefined) return null;
  switch (item.id) {
    case "storage":
      return <Facts items={storageFacts(status, persisted)} />;
    case "log":
      return <Facts items={logFacts(status)} />;
    case "head":
      return (
        <Facts
          items={[
            { term: "Log size", value: `${formatCount(status.position.size)} entries` },
            { term: "Root now", value: <Identifier value={status.position.root} label="root" /> },
            ...(status.sth === null ? [] : [{ term: "Signed", value: <Instant epochMs={status.sth.iat * 1000} /> }]),
          ]}
        />
      );
    case "version":
      return <Facts items={[{ term: "Engine", value: status.contractVersion }]} />;
  }
}

const hostFacts = (status: HostStatus) => [
  { term: "Host", value: status.kind === "embedded" ? "in this browser" : status.kind },
  { term: "Hand-overs", value: formatCount(status.epoch) },
  { term: "Agents", value: `${formatCount(status.pool.agents)} in ${formatCount(status.pool.workers)} workers` },
  { term: "Shared memory", value: status.isolated ? "yes: stops within milliseconds" : "no: stops are slower" },
];

const storageFacts = (status: HostStatus, persisted: boolean | null) => [
  { term: "State", value: status.storage.state },
  ...(status.storage.usageBytes === null
    ? []
    : [{ term: "Used", value: formatBytes(status.storage.usageBytes), hint: quotaOf(status) }]),
  {
    term: "Kept",
    value:
      persisted === null
        ? "the browser does not say"
        : persisted
          ? "yes: the browser asks before it deletes"
          : "no: the browser may delete it when space runs out",
  },
];

const quotaOf = (status: HostStatus): string =>
  status.storage.quotaBytes === null ? "" : `of ${formatBytes(status.storage.quotaBytes)} the browser allows`;

function logFacts({ integrity, position }: HostStatus) {
  const verdicts =
    integrity.report === null ? [] : (["authentic", "included", "consistent", "complete", "plausible"] as const);
  return [
    { term: "State", value: integrity.state },
    { term: "Covered", value: `${formatCount(integrity.checkedSize)} of ${formatCount(position.size)} entries` },
    ...(integrity.checkedAtMs === null
      ? []
      : [{ term: "Checked", value: <Instant epochMs={integrity.checkedAtMs} /> }]),
    ...verdicts.map((name) => ({
      term: name,
      value: integrity.report?.[name].result.replace("_", " ") ?? "",
      hint: integrity.report?.[name].detail,
    })),
  ];
}

/** Asks the browser to keep what is recorded, once somebody is signed in and has something to lose; and its answer. */
function usePersisted(): boolean | null {
  const [persisted, setPersisted] = useState<boolean | null>(null);
  const { status } = useOperator();
  useEffect(() => {
    const storage = navigator.storage as StorageManager | undefined;
    const answer = status === "ready" ? storage?.persist?.() : storage?.persisted?.();
    // A browser that does not say: the status bar then says that.
    answer?.then(setPersisted).catch(() => undefined);
  }, [status]);
  return persisted;
}
