import { useState } from "react";
import type { FleetAgent, ProfileVersion } from "../../../api/contract/behavior.ts";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { useRoleProblem } from "../../../operator/use-accounting.ts";
import { BEHAVIOR_ORDER_ROLES, type BehaviorOrder, useBehaviorOrder } from "../../../operator/use-behavior-order.ts";
import { Facts } from "../../../ui/definition-list.tsx";
import { GoLink } from "../../../ui/go-link.tsx";
import { Identifier } from "../../../ui/identifier.tsx";
import { Age, Ago } from "../../../ui/instant.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { word } from "../words.ts";

export interface ReleaseDialogProps {
  readonly agent: FleetAgent;
  /** In force for it now; null where none is. */
  readonly profile: ProfileVersion | null;
  /** The version its last appraisal went by; null where it was never appraised. */
  readonly judgedBy: { readonly profile_id: string; readonly version: number } | null;
  onClose(): void;
}

/**
 * Lets an agent out of quarantine: only a person does, and only on something that is different now, a new version of its
 * profile or a repaired build (BEH-14). It is unverified then, and earns its state anew.
 */
export function ReleaseDialog({ agent, profile, judgedBy, onClose }: ReleaseDialogProps) {
  const order = useBehaviorOrder();
  const forbidden = useRoleProblem(BEHAVIOR_ORDER_ROLES);
  const isNew =
    profile !== null &&
    (judgedBy === null ||
      profile.profile.profile_id !== judgedBy.profile_id ||
      profile.profile.version > judgedBy.version);
  const [rests, setRests] = useState<"profile" | "build">(isNew || profile === null ? "profile" : "build");
  const [build, setBuild] = useState("");
  const basis: BehaviorOrder["basis"] =
    rests === "build"
      ? build.trim() === ""
        ? undefined
        : { build: build.trim() }
      : isNew
        ? { profile_id: profile.profile.profile_id, version: profile.profile.version }
        : undefined;
  return (
    <OrderDialog
      title="Release from quarantine"
      verb="Release"
      busy="Releasing …"
      keep="Keep it in quarantine"
      why="Why is it released? (recorded)"
      done="Released from quarantine"
      doneDetail="It is unverified until its next window is appraised."
      isReady={basis !== undefined && forbidden === null}
      run={(reason) =>
        order({ agent: agent.agent, order: "release", reason, ...(basis === undefined ? {} : { basis }) })
      }
      onClose={onClose}
    >
      <Facts
        items={[
          { term: "Agent", value: <Identifier value={agent.agent} label="agent id" whole /> },
          ...(agent.quarantine === null
            ? []
            : [
                { term: "In quarantine for", value: <Age sinceMs={agent.quarantine.at * 1000} /> },
                {
                  term: "Because",
                  value: <UntrustedText text={agent.quarantine.reason ?? CAUSES[agent.quarantine.cause]} />,
                },
              ]),
        ]}
      />
      <p>
        It may be started and given tasks again, and its breakers close on trial. It is unverified until its next window
        is appraised; its trust stays what it is. What was cut stays cut: leases are given anew.
      </p>
      <fieldset className="space-y-2">
        <legend className="font-semibold">What is different now</legend>
        <Segmented
          label="It rests on"
          selected={rests}
          onChange={setRests}
          options={[
            { id: "profile", name: "A new version of its profile" },
            { id: "build", name: "A repaired build" },
          ]}
        />
        {rests === "build" ? (
          <TextField label="Which build" value={build} onChange={setBuild} isRequired maxLength={256} />
        ) : isNew ? (
          <p>
            {word(profile.profile.profile_id)}, version {profile.profile.version}, in force{" "}
            <Ago sinceMs={profile.at * 1000} />
            {judgedBy === null ? "" : `; it was judged by version ${judgedBy.version}`}.
          </p>
        ) : (
          <p>
            There is no newer version than the one it was judged by.{" "}
            <GoLink to="/behavior" search={newVersionSearch(agent.agent, judgedBy?.profile_id)}>
              Make one with the baseline of its last good windows
            </GoLink>
          </p>
        )}
      </fieldset>
      {forbidden === null ? null : <p className="text-warning">{forbidden}</p>}
    </OrderDialog>
  );
}

/** Where a new version of the agent's profile is made, with the baseline of its last good windows. */
export const newVersionSearch = (agent: string, profileId: string | undefined) => ({
  view: "profiles",
  baseline: agent,
  ...(profileId === undefined ? { make: "learn" } : { profile: profileId, version: "draft" }),
});

export const CAUSES: Readonly<Record<NonNullable<FleetAgent["quarantine"]>["cause"], string>> = {
  order: "a person ordered it",
  trust: "its trust fell below the floor",
  second_window: "a second nonconformant window after the first",
  severity: "a finding of the gravest kind",
};
