import { useEffect, useMemo, useRef } from "react";
import { problemOf } from "../../../../api/client/problem.ts";
import type { ProfileVersion } from "../../../../api/contract/behavior.ts";
import { Button } from "../../../../ui/button.tsx";
import { useNow } from "../../../../ui/clock.ts";
import { formatCount } from "../../../../ui/duration.ts";
import { Mark } from "../../../../ui/mark.tsx";
import { Progress } from "../../../../ui/progress.tsx";
import { Section } from "../../../../ui/section.tsx";
import { ProblemNote } from "../../../../ui/states.tsx";
import { isInModal, isTyping, useKeys } from "../../../../ui/use-keys.ts";
import { SpanFields, useSpanChoice } from "../learn/span-fields.tsx";
import { ReplayReport } from "../replay/replay-report.tsx";
import { type ReplayProgress, useProfileReplay } from "../replay/use-profile-replay.ts";
import type { Seen } from "../seen.ts";
import { counted, phrase, word } from "../words.ts";
import { ChangesTable } from "./changes-table.tsx";
import { type CheckedProfile, checkProfile, placeWords } from "./check-profile.ts";
import { profileDrafts } from "./drafts.ts";
import { profileChanges } from "./profile-diff.ts";
import { ProfileForm } from "./profile-form.tsx";
import { SignProfile } from "./sign-profile.tsx";

export interface ProfileEditorProps {
  /** Under which the draft is kept. */
  readonly draftKey: string;
  /** What the draft begins with, as text. */
  readonly first: string;
  readonly newest: ProfileVersion | null;
  /** Names of the other profiles. */
  readonly taken: readonly string[];
  readonly seen: Seen;
  /** Entries of the log. */
  readonly size: number;
  /** What the draft is made of, where it was not made by hand; it is then replayed by itself. */
  readonly from: string | null;
  /** What else is to be said of how it begins. */
  readonly note: string | null;
  onLearn(): void;
  onClose(): void;
  onSigned(id: string, version: number): void;
}

/** In a field and in a dialog these keys are the browser's. */
const stepBy = (step: () => void) => (event: KeyboardEvent) => {
  if (isTyping(event.target) || isInModal(event.target)) return;
  event.preventDefault();
  step();
};

/** A version being written: form, what it changes, what it would have said of the past, and the signature, in this order. */
export function ProfileEditor({ draftKey, first, newest, taken, seen, size, from, note, ...on }: ProfileEditorProps) {
  const text = profileDrafts.useDraft(draftKey) ?? first;
  const { canUndo, canRedo } = profileDrafts.useSteps(draftKey);
  const minuteS = Math.floor(useNow() / 60_000) * 60;
  const checked = useMemo(
    () => checkProfile(text, minuteS, newest?.profile.version ?? 0, taken),
    [text, minuteS, newest, taken],
  );
  const profile = checked.ok ? checked.profile : null;
  const changes = useMemo(
    () => (profile === null ? [] : profileChanges(newest?.profile ?? null, profile)),
    [profile, newest],
  );
  const span = useSpanChoice();
  const replay = useProfileReplay(span.setProblem);
  const isOfSpan = JSON.stringify(replay.of?.choice) === JSON.stringify(span.choice);
  const isReplayed = replay.of?.text === text && isOfSpan && !replay.isRunning;
  const change = (next: string, place: string | null): void =>
    profileDrafts.setDraft(draftKey, next === first ? null : next, place);
  const run = (): void => replay.run(text, span.choice, size);
  // What was made of the log is replayed once by itself: it is there to be signed or not.
  const begun = useRef(false);
  const isWanted = from !== null && profile !== null;
  useEffect(() => {
    if (!isWanted || begun.current) return;
    begun.current = true;
    replay.run(text, span.choice, size);
  });
  useKeys({
    "$mod+z": stepBy(() => profileDrafts.undo(draftKey)),
    "$mod+Shift+z": stepBy(() => profileDrafts.redo(draftKey)),
  });
  const name =
    newest === null ? "a new profile" : `version ${newest.profile.version + 1} of ${word(newest.profile.profile_id)}`;
  return (
    <article aria-label={`Draft of ${name}`} className="min-w-0">
      <header className="flex flex-wrap items-center gap-2 py-3">
        <h2 className="mr-auto text-lg font-semibold [overflow-wrap:anywhere]">Draft of {name}</h2>
        <Button isDisabled={!canUndo} onPress={() => profileDrafts.undo(draftKey)}>
          Undo
        </Button>
        <Button isDisabled={!canRedo} onPress={() => profileDrafts.redo(draftKey)}>
          Redo
        </Button>
        <Button onPress={on.onLearn}>Learn from the log …</Button>
        <Button
          onPress={() => {
            profileDrafts.setDraft(draftKey, null);
            on.onClose();
          }}
        >
          Discard the draft
        </Button>
      </header>
      {from === null ? null : <p className="mb-2 max-w-3xl">{from}</p>}
      {note === null ? null : (
        <p role="status" className="mb-2 max-w-3xl">
          <Mark shape="triangle" tone="warning" label={note} />
        </p>
      )}
      <Verdict checked={checked} />
      <ProfileForm
        text={text}
        problems={checked.ok ? [] : checked.problems}
        seen={seen}
        isNamed={newest !== null}
        onChange={change}
      />
      <Section title={newest === null ? "What it says" : `What it changes against version ${newest.profile.version}`}>
        {profile === null ? (
          <p className="text-muted">Told once the draft has no problems.</p>
        ) : changes.length === 0 ? (
          <p className="text-muted">Nothing but its number.</p>
        ) : (
          <ChangesTable changes={changes} />
        )}
      </Section>
      <Section title="What it would have said of the past">
        <div className="flex flex-col gap-3">
          <p className="max-w-3xl">
            Every window of every agent it applies to is judged anew by this draft, and by what is in force. Nothing is
            recorded.
          </p>
          <SpanFields
            label="Over which part of the log"
            choice={span.choice}
            size={size}
            onChange={span.change}
            problem={span.problem}
          />
          <div className="flex gap-2">
            <Button
              writes={false}
              isDisabled={replay.isRunning}
              whyNot={profile === null ? "The draft has problems" : null}
              onPress={run}
            >
              {replay.isRunning ? "Replaying …" : "Replay this draft"}
            </Button>
            {replay.isRunning ? <Button onPress={replay.cancel}>Cancel</Button> : null}
          </div>
          {replay.isRunning ? <HowFar progress={replay.progress} /> : null}
          {replay.error === null ? null : <ProblemNote problem={problemOf(replay.error)} onRetry={run} />}
          {replay.answer === null || replay.isRunning ? null : (
            <>
              {isReplayed ? null : (
                <p role="status">
                  <Mark
                    shape="triangle"
                    tone="warning"
                    label={`Not current: the ${isOfSpan ? "draft" : "part of the log"} has changed since. Replay it again.`}
                  />
                </p>
              )}
              <ReplayReport answer={replay.answer} />
            </>
          )}
        </div>
      </Section>
      <Section title="Sign it">
        <SignProfile
          profile={profile}
          isReplayed={isReplayed}
          isReplaying={replay.isRunning}
          isSame={newest !== null && changes.length === 0}
          isFocused={from !== null}
          onSigned={() => {
            profileDrafts.forget(draftKey);
            if (profile !== null) on.onSigned(profile.profile_id, profile.version);
          }}
        />
      </Section>
    </article>
  );
}

function HowFar({ progress }: { readonly progress: ReplayProgress | null }) {
  const { checked, total } = progress ?? { checked: 0, total: 0 };
  const detail = progress === null ? "reading the log" : `${formatCount(checked)} of ${counted(total, "task")}`;
  return <Progress label="Replay" value={checked} max={total} detail={detail} />;
}

/** Problems that are listed; the others stand at their fields. */
const MAX_LISTED = 8;

function Verdict({ checked }: { readonly checked: CheckedProfile }) {
  if (checked.ok)
    return (
      <p role="status" className="mb-2">
        <Mark shape="dot" tone="neutral" label="A profile that can be signed. It is not in force." />
      </p>
    );
  const { problems } = checked;
  return (
    <div role="status" className="mb-2 flex flex-col gap-1">
      <Mark shape="triangle" tone="warning" label={`${counted(problems.length, "problem")} before it can be signed:`} />
      <ul aria-label="Problems" className="ml-5 list-disc">
        {problems.slice(0, MAX_LISTED).map(({ place, message }) => (
          <li key={`${place} ${message}`}>
            {place === "" ? "" : `${word(placeWords(place))}: `}
            {phrase(message)}
          </li>
        ))}
      </ul>
      {problems.length > MAX_LISTED ? <p>and {formatCount(problems.length - MAX_LISTED)} more.</p> : null}
    </div>
  );
}
