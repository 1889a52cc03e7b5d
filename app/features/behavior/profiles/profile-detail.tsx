import type { ProfileVersion } from "../../../api/contract/behavior.ts";
import type { ProfileBody } from "../../../protocol/behavior/profile.ts";
import { Button } from "../../../ui/button.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Identifier } from "../../../ui/identifier.tsx";
import { Age, Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { Select } from "../../../ui/select.tsx";
import { HeadCell, NumberCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { lookOf } from "./profile-list.tsx";
import { RuleTrack } from "./sequence/rule-track.tsx";
import { spanWords } from "./sequence/sequence-track.ts";
import { ASSURANCE, agentWord, formatNumber, formatShare, word } from "./words.ts";

export interface ProfileDetailProps {
  /** Of one profile, the newest first. */
  readonly versions: readonly ProfileVersion[];
  readonly shown: ProfileVersion;
  onVersion(version: number): void;
  onEdit(): void;
}

/** One version as it was signed; it is never changed, a next one is made. */
export function ProfileDetail({ versions, shown, onVersion, onEdit }: ProfileDetailProps) {
  const { profile } = shown;
  return (
    <article aria-label={`Profile ${word(profile.profile_id)}`} className="min-w-0">
      <header className="flex flex-wrap items-end gap-3 py-3">
        <h2 className="text-lg font-semibold [overflow-wrap:anywhere]">{word(profile.profile_id)}</h2>
        <Select
          label="Version"
          items={versions.map((version, at) => ({
            id: String(version.profile.version),
            name: `${version.profile.version}, ${lookOf(version, at === 0).label}`,
          }))}
          selectedKey={String(profile.version)}
          onSelectionChange={(id) => onVersion(Number(id))}
        />
        <Button className="ml-auto" writes onPress={onEdit}>
          New version …
        </Button>
      </header>
      <Section title="What was signed">
        <Facts
          items={[
            { term: "State", value: <Mark {...lookOf(shown, versions[0] === shown)} /> },
            {
              term: "Signed",
              value: (
                <>
                  <Instant epochMs={shown.at * 1000} full />, <Age sinceMs={shown.at * 1000} />
                </>
              ),
            },
            { term: "By", value: `${agentWord(shown.by)} as ${word(shown.role.replace("_", " "))}` },
            { term: "Because", value: <UntrustedText text={shown.reason} /> },
            { term: "Digest", value: <Identifier value={shown.hash} label="digest of the profile" /> },
            {
              term: "Entry",
              value: (
                <GoLink to="/timeline" search={{ entry: shown.seq }}>
                  {formatCount(shown.seq)}
                </GoLink>
              ),
            },
            { term: "Owner", value: <UntrustedText text={profile.owner} mono /> },
            {
              term: "Ends",
              value:
                profile.not_after === undefined ? (
                  "not before another version"
                ) : (
                  <Instant epochMs={profile.not_after * 1000} full />
                ),
            },
          ]}
        />
      </Section>
      <ProfileBodyView profile={profile} />
    </article>
  );
}

/** What a profile says, to be read. */
function ProfileBodyView({ profile }: { readonly profile: ProfileBody }) {
  const { sequences = [], limits = [], forbidden_actions = [], thresholds } = profile;
  const shares = Object.entries(profile.baseline?.action_freq ?? {});
  return (
    <>
      <Section title="Which agents and actions">
        <Facts
          items={[
            { term: "Applies to", value: <Names names={profile.applies_to} /> },
            { term: "Allowed", value: <Names names={profile.allowed_actions} /> },
            { term: "Forbidden", value: <Names names={forbidden_actions} /> },
          ]}
        />
      </Section>
      <Section title="In which order">
        {sequences.length === 0 ? <p className="text-muted">No rule of order.</p> : null}
        <ul className="flex flex-col gap-2">
          {sequences.map((rule) => (
            <li key={rule.id}>
              <p>
                <span className="font-mono text-xs">{word(rule.id)}</span>, severity {rule.severity}
              </p>
              <RuleTrack rule={rule} />
            </li>
          ))}
        </ul>
      </Section>
      <Section title="How much in a window">
        {limits.length === 0 ? (
          <p className="text-muted">No limit.</p>
        ) : (
          <Table
            label="Limits"
            columns={["Limit", "What", { name: "Bound", isNumber: true }, { name: "Severity", isNumber: true }]}
          >
            {limits.map((limit) => (
              <Row key={limit.id}>
                <HeadCell isMono>{word(limit.id)}</HeadCell>
                <HeadCell>{limit.metric.replaceAll("_", " ")}</HeadCell>
                <NumberCell>
                  {limit.op} {formatNumber(limit.value)}
                </NumberCell>
                <NumberCell>{limit.severity}</NumberCell>
              </Row>
            ))}
          </Table>
        )}
      </Section>
      <Section title="Baseline: how often what is done">
        {shares.length === 0 ? (
          <p className="text-muted">None: drift is not measured.</p>
        ) : (
          <Table label="Baseline" columns={["Action", { name: "Share", isNumber: true }]} isBounded>
            {shares.map(([action, share]) => (
              <Row key={action}>
                <HeadCell isMono>{word(action)}</HeadCell>
                <NumberCell>{formatShare(share)}</NumberCell>
              </Row>
            ))}
          </Table>
        )}
      </Section>
      {profile.baseline?.strength === undefined && profile.baseline?.bursts !== true ? null : (
        <p className="text-xs text-muted">
          {profile.baseline.strength === undefined
            ? ""
            : `Single workflows keep to it with a strength of ${formatNumber(profile.baseline.strength)} tasks. `}
          {profile.baseline.bursts === true ? "Its actions come in bursts: no sequential test." : ""}
        </p>
      )}
      <Section title="How it is observed">
        <Facts
          items={[
            { term: "Window", value: spanWords(profile.window_s) },
            { term: "Tasks at least", value: formatCount(profile.min_samples) },
            {
              term: "Loss",
              value: `warns at ${formatShare(thresholds.warn)}, fails at ${formatShare(thresholds.fail)}`,
            },
            { term: "Drift", value: `warns at ${thresholds.drift_warn}, fails at ${thresholds.drift_fail}` },
            {
              term: "Assurance",
              value: ASSURANCE.find(({ id }) => id === profile.assurance)?.name ?? profile.assurance,
            },
          ]}
        />
      </Section>
    </>
  );
}

function Names({ names }: { readonly names: readonly string[] }) {
  if (names.length === 0) return "nothing";
  return (
    <ul className="flex flex-wrap gap-x-3 gap-y-0.5 font-mono text-xs leading-5">
      {names.map((name) => (
        <li key={name} className="[overflow-wrap:anywhere]">
          {word(name)}
        </li>
      ))}
    </ul>
  );
}
