import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { Button } from "../../../ui/button.tsx";
import { Empty, Loading, ProblemNote } from "../../../ui/states.tsx";
import type { SearchProps } from "../behavior-search.ts";
import { NEW_PROFILE, profileDrafts } from "./edit/drafts.ts";
import { newProfile, nextVersion } from "./edit/profile-document.ts";
import { ProfileEditor } from "./edit/profile-editor.tsx";
import { useGoodBaseline } from "./edit/use-good-baseline.ts";
import { LearnView } from "./learn/learn-view.tsx";
import { ProfileDetail } from "./profile-detail.tsx";
import { ProfileList } from "./profile-list.tsx";
import { useSeen } from "./seen.ts";
import { word } from "./words.ts";

/** What agents are expected to do: profiles in force, drafts, what is learned from the log (behavior.md section b). */
export function ProfilesView({ search, setSearch }: SearchProps) {
  const { orpc } = useApi();
  const queries = useQueryClient();
  const { operator } = useOperator();
  const seen = useSeen();
  const drafts = profileDrafts.useDrafts();
  const { data, error, refetch } = useQuery(orpc.behavior.profiles.queryOptions({ input: {} }));
  const all = data?.profiles ?? [];
  const newestOf = all.filter(({ profile }, at) => all[at - 1]?.profile.profile_id !== profile.profile_id);
  const isNew = search.profile === undefined && search.make !== undefined;
  const id = isNew ? undefined : (search.profile ?? newestOf[0]?.profile.profile_id);
  const versions = all.filter(({ profile }) => profile.profile_id === id);
  const newest = versions[0] ?? null;
  const key = newest?.profile.profile_id ?? NEW_PROFILE;
  const first = newest === null ? newProfile(operator?.subject ?? "") : nextVersion(newest.profile);
  const others = useMemo(
    () => (newest === null ? [...new Set(data?.profiles.map(({ profile }) => profile.profile_id))] : []),
    [newest, data],
  );
  const taken = useGoodBaseline(search.version === "draft" ? search.baseline : undefined, key, newest);
  if (data === undefined)
    return error === null ? (
      <Loading what="the profiles" />
    ) : (
      <ProblemNote problem={problemOf(error)} onRetry={() => void refetch()} />
    );
  const { size } = data.position;
  const shown = versions.find(({ profile }) => profile.version === search.version) ?? newest;
  const toDraft = (): void =>
    setSearch({ profile: newest?.profile.profile_id, version: "draft", make: newest === null ? "new" : undefined });
  const isDraft = search.make === "new" || (search.version === "draft" && newest !== null);
  return (
    <div className="grid min-w-0 items-start gap-x-6 md:grid-cols-[18rem_minmax(0,1fr)]">
      <nav aria-label="Profiles" className="min-w-0 py-3">
        <div className="mb-2 flex flex-wrap gap-2">
          <Button
            size="sm"
            writes
            onPress={() => setSearch({ profile: undefined, version: undefined, baseline: undefined, make: "new" })}
          >
            {drafts[NEW_PROFILE] === undefined ? "New profile" : "New profile (draft)"}
          </Button>
          <Button
            size="sm"
            writes
            onPress={() => setSearch({ profile: undefined, version: undefined, baseline: undefined, make: "learn" })}
          >
            Learn one from the log
          </Button>
        </div>
        <ProfileList
          profiles={newestOf}
          drafts={new Set(Object.keys(drafts))}
          selected={id}
          onSelect={(profile) => setSearch({ profile, version: undefined, make: undefined, baseline: undefined })}
        />
      </nav>
      <div className="min-w-0">
        {search.make === "learn" ? (
          <LearnView
            key={key}
            seen={seen}
            size={size}
            agent={search.baseline}
            draft={drafts[key] ?? first}
            into={newest === null ? "a new profile" : `the next version of ${word(newest.profile.profile_id)}`}
            onAdopt={(text) => {
              profileDrafts.setDraft(key, text);
              toDraft();
            }}
            onClose={newest === null ? () => setSearch({ make: undefined }) : toDraft}
          />
        ) : isDraft ? (
          taken.isReady ? (
            <ProfileEditor
              key={key}
              draftKey={key}
              first={first}
              newest={newest}
              taken={others}
              seen={seen}
              size={size}
              from={taken.told}
              note={taken.note}
              onLearn={() => setSearch({ profile: newest?.profile.profile_id, version: undefined, make: "learn" })}
              onClose={() => setSearch({ version: undefined, make: undefined, baseline: undefined })}
              onSigned={(profile) => {
                void queries.invalidateQueries({ queryKey: orpc.behavior.profiles.key() });
                setSearch({ profile, version: undefined, make: undefined, baseline: undefined });
              }}
            />
          ) : (
            <Loading what="its last good windows" />
          )
        ) : shown === null ? (
          search.profile === undefined ? null : (
            <Empty title="No such profile in this log">
              {word(search.profile)} may belong to another console or to a log that was started anew.
            </Empty>
          )
        ) : (
          <ProfileDetail
            versions={versions}
            shown={shown}
            onVersion={(version) => setSearch({ profile: id, version })}
            onEdit={toDraft}
          />
        )}
      </div>
    </div>
  );
}
