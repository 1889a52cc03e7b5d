import type { ProfileVersion } from "../../../api/contract/behavior.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Ago, Instant } from "../../../ui/instant.tsx";
import { Mark, type MarkShapeProps } from "../../../ui/mark.tsx";
import { Empty } from "../../../ui/states.tsx";
import { agentWord, word } from "./words.ts";

export interface ProfileListProps {
  /** The newest version of each profile. */
  readonly profiles: readonly ProfileVersion[];
  /** Ids of profiles that have a draft in this tab. */
  readonly drafts: ReadonlySet<string>;
  readonly selected: string | undefined;
  onSelect(id: string): void;
}

type Look = Pick<MarkShapeProps, "shape" | "tone"> & { readonly label: string };

const IN_FORCE: Look = { shape: "dot", tone: "good", label: "in force" };
const ENDED: Look = { shape: "cross", tone: "warning", label: "ended" };

/** Whether a version is what conduct is judged by now. */
export const lookOf = (version: ProfileVersion, isNewest: boolean): Look =>
  version.inForce ? IN_FORCE : isNewest ? ENDED : { shape: "bar", tone: "neutral", label: "replaced" };

const MAX_NAMED = 2;

function appliesWords(patterns: readonly string[]): string {
  const named = patterns.slice(0, MAX_NAMED).map(agentWord).join(", ");
  const more = patterns.length - MAX_NAMED;
  return more > 0 ? `${named} and ${formatCount(more)} more` : named;
}

/** Profiles, each with what it applies to, how old its newest version is and when it ends. */
export function ProfileList({ profiles, drafts, selected, onSelect }: ProfileListProps) {
  if (profiles.length === 0)
    return (
      <Empty title="No profile is in force">
        Without one nothing is known of how agents behave. Learn one from the log, or write it.
      </Empty>
    );
  return (
    <ul aria-label="Profiles" className="flex flex-col border-t border-line">
      {profiles.map((version) => {
        const { profile, at } = version;
        return (
          <li key={profile.profile_id} className="border-b border-line">
            <button
              type="button"
              aria-current={profile.profile_id === selected ? "true" : undefined}
              onClick={() => onSelect(profile.profile_id)}
              className="flex w-full min-w-0 flex-col gap-0.5 px-2 py-1.5 text-left -outline-offset-2 hover:bg-sunken aria-[current]:bg-accent-soft"
            >
              <span className="flex flex-wrap items-baseline justify-between gap-x-2">
                <span className="font-semibold [overflow-wrap:anywhere]">
                  {word(profile.profile_id)} <span className="font-normal text-muted">version {profile.version}</span>
                </span>
                <Mark {...lookOf(version, true)} />
              </span>
              <span className="text-xs text-muted">
                {appliesWords(profile.applies_to)} · signed <Ago sinceMs={at * 1000} />
                {profile.not_after === undefined ? null : (
                  <>
                    {" "}
                    · ends <Instant epochMs={profile.not_after * 1000} full />
                  </>
                )}
              </span>
              {drafts.has(profile.profile_id) ? <span className="text-xs font-medium">has a draft</span> : null}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
