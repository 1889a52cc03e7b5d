import type { ProfileVersion } from "../../../api/contract/behavior.ts";
import { Facts } from "../../../ui/definition-list.tsx";
import { formatCount, formatDuration } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Ago, Instant } from "../../../ui/instant.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { lastPart, score, word } from "../words.ts";

/** How strictly an agent is observed (behavior.md, assurance profiles). */
const ASSURANCES = {
  relaxed: "relaxed: its own word may be enough",
  standard: "standard: somebody else observes every fourth window at least",
  regulated: "regulated: somebody else observes every window",
} as const;

/** What the agent may be expected to do, as somebody signed it. */
export function ProfilePart({ version, agent }: { readonly version: ProfileVersion | null; readonly agent: string }) {
  if (version === null)
    return (
      <p>
        No profile applies to it, so that nothing of its conduct is judged.{" "}
        <GoLink to="/behavior" search={{ view: "profiles", make: "learn", baseline: agent }}>
          Learn one from what it did
        </GoLink>
      </p>
    );
  const { profile, by, role, at, reason, seq } = version;
  const { thresholds } = profile;
  return (
    <Facts
      items={[
        {
          term: "Profile",
          value: (
            <GoLink to="/behavior" search={{ view: "profiles", profile: profile.profile_id, version: profile.version }}>
              {word(profile.profile_id)}, version {profile.version}
            </GoLink>
          ),
        },
        { term: "Assurance", value: ASSURANCES[profile.assurance] },
        {
          term: "Rules",
          value: `${formatCount(profile.allowed_actions.length)} allowed, ${formatCount(profile.forbidden_actions?.length ?? 0)} forbidden, ${formatCount(profile.sequences?.length ?? 0)} of order, ${formatCount(profile.limits?.length ?? 0)} limits`,
        },
        {
          term: "Window",
          value: `${formatDuration(profile.window_s * 1000)}, at least ${formatCount(profile.min_samples)} tasks`,
        },
        {
          term: "Thresholds",
          value: `drift ${score(thresholds.drift_warn)} and ${score(thresholds.drift_fail)}, loss ${score(thresholds.warn)} and ${score(thresholds.fail)}`,
        },
        {
          term: "Signed",
          value: (
            <>
              by {lastPart(by)}, {role.replaceAll("_", " ")}, <Ago sinceMs={at * 1000} />,{" "}
              <GoLink to="/timeline" search={{ entry: seq }}>
                entry {formatCount(seq)}
              </GoLink>
            </>
          ),
          hint: <UntrustedText text={reason} maxCharacters={160} />,
        },
        ...(profile.not_after === undefined
          ? []
          : [{ term: "Ends", value: <Instant epochMs={profile.not_after * 1000} full /> }]),
      ]}
    />
  );
}
