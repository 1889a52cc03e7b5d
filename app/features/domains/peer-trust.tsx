import type { PeerTrustView } from "../../api/contract/domains.ts";
import { formatCount } from "../../ui/duration.ts";
import { Instant } from "../../ui/instant.tsx";
import { Mark, type MarkShapeProps } from "../../ui/mark.tsx";

type Look = Pick<MarkShapeProps, "shape" | "tone"> & { readonly label: string };

/** What one domain's trust in another rests on; what is only said looks like nothing that was checked. */
const TRUST_LOOK: Readonly<Record<PeerTrustView["basis"], Look>> = {
  declared: { shape: "dot", tone: "good", label: "declared by its policy, key pinned" },
  pinned: { shape: "half", tone: "neutral", label: "key pinned, named by no policy" },
  asserted: { shape: "triangle", tone: "warning", label: "only asserted" },
};

export function TrustMark({ trust }: { readonly trust: PeerTrustView }) {
  return <Mark {...TRUST_LOOK[trust.basis]} />;
}

/** Until when the identity that is trusted is in force, or was. */
export function TrustUntil({ trust }: { readonly trust: PeerTrustView }) {
  if (trust.until === null) return "no key of its gateway is in the log";
  return (
    <>
      {trust.basis === "asserted" ? "the identity in the log lapsed on " : "identity in force until "}
      <Instant epochMs={trust.until * 1000} full />
    </>
  );
}

const DAY_S = 86_400;
/** It is renewed a month before: closer to its end than this it was not. */
const LATE_S = 29 * DAY_S;

/** Until when a gateway's identity is in force, told before it ends (XDA-61). */
export function GatewayUntil({ untilS, nowMs }: { readonly untilS: number; readonly nowMs: number }) {
  const leftS = untilS - nowMs / 1000;
  const end = <Instant epochMs={untilS * 1000} full />;
  if (leftS > LATE_S) return <div className="text-xs text-muted">identity until {end}</div>;
  const days = Math.floor(leftS / DAY_S);
  return (
    <div className="text-xs">
      {leftS <= 0 ? (
        <Mark shape="cross" tone="critical" label="its identity has lapsed: nobody hears it" />
      ) : (
        <Mark
          shape="triangle"
          tone="warning"
          label={`its identity was not renewed and ends ${days < 1 ? "within a day" : `in ${formatCount(days)} ${days === 1 ? "day" : "days"}`}`}
        />
      )}
      <div className="text-muted">{end}</div>
    </div>
  );
}
