import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { useApi, useConnection } from "../api/client/api-context.tsx";
import type { OverrideSignal } from "../api/contract/override.ts";
import { CONTRACT_VERSION } from "../api/contract/version.ts";
import { addCounts, countFacts, countWords, scopeWords, shortId } from "../features/control/stop-facts.ts";
import { Button } from "../ui/button.tsx";
import { formatCount } from "../ui/duration.ts";
import { GoLink } from "../ui/go-link.tsx";
import { Age, Ago } from "../ui/instant.tsx";
import { visibleText } from "../ui/visible-text.ts";
import { Banner, NotLoaded } from "./banner.tsx";
import { useHeadConflict, useHostStatus } from "./host-status.ts";
import { ReviewBanner } from "./review-banner.tsx";

/** Where one of these cannot be loaded that is said, and the frame stays: a drill must not be taken for real work. */
const AlarmBanners = lazy(() =>
  import("./alarm-banners.tsx").then(
    (loaded) => ({ default: loaded.AlarmBanners }),
    () => ({ default: AlarmsUnknown }),
  ),
);
const LeaseBanner = lazy(() =>
  import("./lease-banner.tsx").then(
    (loaded) => ({ default: loaded.LeaseBanner }),
    () => ({ default: LeasesUnknown }),
  ),
);
const DrillBanner = lazy(() =>
  import("./drill-banner.tsx").then(
    (loaded) => ({ default: loaded.DrillBanner }),
    () => ({ default: DrillsUnknown }),
  ),
);

/** Looked at some time after the start, and loaded then. */
const LoadNotice = lazy(() =>
  import("./load-notice.tsx").then(
    (loaded) => ({ default: loaded.LoadNotice }),
    () => ({ default: LoadUnknown }),
  ),
);
const HeadConflictBanner = lazy(() =>
  import("./head-banner.tsx").then(
    (loaded) => ({ default: loaded.HeadConflictBanner }),
    () => ({ default: AnotherLog }),
  ),
);

/** While what was seen is not loaded, or cannot be. */
const AnotherLog = () => (
  <Banner shape="cross">
    <strong>The log is not the one seen before.</strong>
  </Banner>
);
const DrillsUnknown = () => <NotLoaded>Whether a drill runs is not known</NotLoaded>;
const AlarmsUnknown = () => <NotLoaded>Whether every agent behaves and follows orders is not known</NotLoaded>;
const LoadUnknown = () => <NotLoaded>How much is asked of each operator is not known</NotLoaded>;
const LeasesUnknown = () => <NotLoaded>Whether a lease runs out is not known</NotLoaded>;

/**
 * What must not be overlooked in any view, below the top bar. First what makes the rest of the page doubtful, then what stops
 * work or should (stops, orders not followed, agents that misbehave, leases), then what only waits for somebody. What one of
 * them says is not said again by a later one.
 */
export function Banners() {
  return (
    <div>
      <HeadBanner />
      <IntegrityBanner />
      <StorageBanner />
      <ConnectionBanner />
      <VersionBanner />
      <LatchBanner />
      <Suspense fallback={null}>
        <AlarmBanners />
      </Suspense>
      <Suspense fallback={null}>
        <LeaseBanner />
      </Suspense>
      <ReviewBanner />
      <Suspense fallback={null}>
        <DrillBanner />
      </Suspense>
      <Suspense fallback={null}>
        <LoadNotice />
      </Suspense>
    </div>
  );
}

/** How long the list of stops may be on its way before the banner says that nothing is known of them, ms. */
const LATE_MS = 1000;

/** A stop in force: latched over reloads, with what is known of it (S3, S7). Not knowing is never shown as none (L2). */
function LatchBanner() {
  const { orpc } = useApi();
  const list = useQuery(orpc.override.list.queryOptions());
  const { data, isError } = list;
  if (data === undefined) return isError ? <LatchUnknown onRetry={() => void list.refetch()} /> : <LatchAwaited />;
  const latched = data.signals.filter((signal) => signal.latched);
  const newest = latched.toSorted((a, b) => b.at - a.at)[0];
  if (newest === undefined) {
    return isError ? <LatchUnknown readAtMs={list.dataUpdatedAt} onRetry={() => void list.refetch()} /> : null;
  }
  return (
    <Banner
      shape="square"
      age={
        <>
          commanded <Ago sinceMs={newest.at * 1000} />
          {isError ? (
            <>
              ; read <Ago sinceMs={list.dataUpdatedAt} />, could not be read again
            </>
          ) : null}
        </>
      }
      action={
        <GoLink to="/control" search={{ signal: newest.jti }}>
          Open control
        </GoLink>
      }
    >
      <LatchWords newest={newest} latched={latched} />
    </Banner>
  );
}

function LatchUnknown({ readAtMs, onRetry }: { readonly readAtMs?: number; onRetry(): void }) {
  return (
    <Banner
      shape="triangle"
      age={
        readAtMs === undefined ? undefined : (
          <>
            None was, read <Ago sinceMs={readAtMs} />
          </>
        )
      }
      action={<Button onPress={onRetry}>Try again</Button>}
    >
      <strong>Whether a stop holds is not known:</strong> the stops could not be read from the log.
    </Banner>
  );
}

/** Words only after a moment: the list usually is there before anybody could read them. */
function LatchAwaited() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), LATE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!late) return null;
  return (
    <Banner shape="ring" tone="warning">
      <strong>Whether a stop holds is not known yet:</strong> the stops are being read from the log.
    </Banner>
  );
}

function LatchWords({
  newest,
  latched,
}: {
  readonly newest: OverrideSignal;
  readonly latched: readonly OverrideSignal[];
}) {
  const counts = addCounts(latched.map((signal) => countFacts(signal.targets)));
  const unrecorded = latched.some((signal) => signal.seq === null);
  return (
    <>
      <strong>
        {latched.length === 1 ? "Stop in force:" : `${formatCount(latched.length)} stops in force; the newest:`}{" "}
        {visibleText(scopeWords(newest.scope))}
      </strong>{" "}
      by {visibleText(shortId(newest.by))} · {countWords(counts)}
      {newest.stopping ? " · what is under way may still end" : ""}
      {newest.code === undefined ? null : (
        <strong className="ml-2">
          It holds, and was given without the authority for it ({visibleText(newest.code)}).
        </strong>
      )}
      {unrecorded ? <strong className="ml-2">The log has not recorded it; it holds all the same.</strong> : null}
    </>
  );
}

/** The log is not the one this browser saw before: cut, replaced or another profile's. */
function HeadBanner() {
  const conflict = useHeadConflict();
  return conflict === null ? null : (
    <Suspense fallback={<AnotherLog />}>
      <HeadConflictBanner conflict={conflict} />
    </Suspense>
  );
}

function IntegrityBanner() {
  const { data: status } = useHostStatus();
  if (status?.integrity.state !== "broken") return null;
  const bad = status.integrity.report?.firstBad ?? null;
  return (
    <Banner
      shape="cross"
      action={
        <GoLink to="/timeline" search={bad === null ? {} : { entry: bad.seq }}>
          Open the timeline
        </GoLink>
      }
    >
      <strong>The log is broken.</strong>{" "}
      {bad === null
        ? "A check of the stored entries failed."
        : `The first bad entry is ${formatCount(bad.seq)} (${bad.code}): ${visibleText(bad.detail)}`}
    </Banner>
  );
}

function StorageBanner() {
  const { data: status } = useHostStatus();
  if (status === undefined || status.storage.state === "ok") return null;
  const { state, detail } = status.storage;
  return (
    <Banner shape="triangle">
      <strong>{state === "memory" ? "Nothing is kept: " : "Nothing more is recorded: "}</strong>
      {state === "memory"
        ? `the browser stores no data for this page, so all of it ends with the tab. ${detail}`
        : `storage is ${state}. ${detail}`}
    </Banner>
  );
}

function ConnectionBanner() {
  const { state, detail, sinceMs } = useConnection();
  if (state !== "lost" && state !== "failed") return null;
  return (
    <Banner
      shape="triangle"
      age={
        <>
          For <Age sinceMs={sinceMs} />
        </>
      }
    >
      <strong>{state === "lost" ? "The engine does not answer." : "There is no engine."}</strong> What is shown may be
      old. {detail}
    </Banner>
  );
}

function VersionBanner() {
  const { data: status } = useHostStatus();
  if (status === undefined || status.contractVersion === CONTRACT_VERSION) return null;
  return (
    <Banner shape="cross" action={<Button onPress={() => window.location.reload()}>Reload</Button>}>
      <strong>Page and engine do not fit together:</strong> {CONTRACT_VERSION} and {visibleText(status.contractVersion)}
      . Reload every tab of this console.
    </Banner>
  );
}
