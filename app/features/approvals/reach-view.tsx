import { formatCount } from "../../ui/duration.ts";
import { MarkIcon } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import type { GateDetail } from "./gate-detail.ts";
import { shortName } from "./names.ts";

const SHOWN_TASKS = 12;
const SHOWN_AGENTS = 6;

const LIMIT_NAMES: Readonly<Record<GateDetail["reach"]["limits"][number]["name"], string>> = {
  resources: "resources",
  domains: "trust domains",
  data_classes: "classes of data",
  protocols: "protocols",
};

/** The blast radius: what can only run after this action, whose it is, what of it lasts, and what the policy lets it touch. */
export function ReachView({ detail }: { readonly detail: GateDetail }) {
  const { follows, reach } = detail;
  const lasting = reach.agents.reduce((sum, agent) => sum + agent.irreversible, 0);
  return (
    <Section title="What follows if approved">
      {follows.all === 0 ? (
        <p className="text-muted">No other task waits for it.</p>
      ) : (
        <>
          <p>
            {formatCount(follows.direct)} {follows.direct === 1 ? "task comes" : "tasks come"} right after it;{" "}
            {formatCount(follows.all)} in all can only run once it is done.
          </p>
          {lasting === 0 ? null : (
            <p className="flex items-baseline gap-1.5 font-medium text-warning">
              <span className="self-center">
                <MarkIcon shape="diamond" tone="warning" />
              </span>
              <span>
                {formatCount(lasting)} of them cannot be undone
                {reach.irreversible.length === 0 ? "" : ": "}
                <UntrustedText text={reach.irreversible.join(", ")} maxCharacters={200} />
              </span>
            </p>
          )}
          <Names names={follows.names} all={follows.all} />
          <Agents agents={reach.agents} />
        </>
      )}
      <Limits limits={reach.limits} />
    </Section>
  );
}

function Names({ names, all }: { readonly names: readonly string[]; readonly all: number }) {
  const shown = names.slice(0, SHOWN_TASKS);
  return (
    <ul className="mt-1 flex flex-wrap gap-1" aria-label="Tasks that follow">
      {shown.map((name, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: names repeat; the list only changes as a whole
        <li key={index} className="max-w-full truncate border border-line bg-surface px-1.5 text-xs">
          <bdi>{visibleText(name)}</bdi>
        </li>
      ))}
      {all > shown.length ? (
        <li className="px-1 text-xs text-muted">and {formatCount(all - shown.length)} more</li>
      ) : null}
    </ul>
  );
}

function Agents({ agents }: { readonly agents: GateDetail["reach"]["agents"] }) {
  return (
    <p className="mt-1 text-muted">
      Of {formatCount(agents.length)} {agents.length === 1 ? "agent" : "agents"}:{" "}
      {agents.slice(0, SHOWN_AGENTS).map((one, at) => (
        <span key={one.agent}>
          {at === 0 ? "" : ", "}
          <bdi title={visibleText(one.agent)}>{visibleText(shortName(one.agent)).slice(0, 60)}</bdi> (
          {formatCount(one.tasks)})
        </span>
      ))}
      {agents.length > SHOWN_AGENTS ? " and others" : ""}.
    </p>
  );
}

function Limits({ limits }: { readonly limits: GateDetail["reach"]["limits"] }) {
  const set = limits.filter((limit) => limit.values !== null);
  const open = limits.filter((limit) => limit.values === null).map((limit) => LIMIT_NAMES[limit.name]);
  return (
    <div className="mt-1">
      {set.map(({ name, values }) => (
        <p key={name}>
          <span className="text-muted">Its policy lets it reach these {LIMIT_NAMES[name]}:</span>{" "}
          {values === null || values.length === 0 ? (
            "none"
          ) : (
            <UntrustedText text={values.join(", ")} maxCharacters={240} mono />
          )}
        </p>
      ))}
      {open.length === 0 ? null : (
        <p className="text-muted">
          The policy sets no limit on its {open.join(", ").replace(/, ([^,]*)$/, " and $1")}.
        </p>
      )}
    </div>
  );
}
