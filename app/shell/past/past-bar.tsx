import { ChevronFirst, ChevronLeft, ChevronRight, ChevronsLeft, ChevronsRight } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { Slider, SliderThumb, SliderTrack } from "react-aria-components/Slider";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf, type ShownProblem } from "../../api/client/problem.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { MarkIcon } from "../../ui/mark.tsx";
import { ProblemNote } from "../../ui/states.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { toldHeight } from "../../ui/told-height.ts";
import { useHostStatus } from "../host-status.ts";
import { AS_OF } from "./past-search.ts";
import { entryWords, sinceWords, utcWords, wantedBy } from "./past-words.ts";
import type { ShownEntry } from "./use-shown.ts";
import { useTravel } from "./use-travel.ts";

export interface PastBarProps {
  /** As of which entry the console is to be shown. */
  readonly at: number;
  /** As of which it is. */
  readonly shown: ShownEntry | null;
  readonly problem: ShownProblem | null;
  /** The pane in view is as of it; otherwise it shows what it always shows. */
  readonly covers: boolean;
}

const tellHeight = toldHeight("--past");

/** Where in the log the console stands, and the ways to another place and back to now. */
export function PastBar({ at, shown, problem, covers }: PastBarProps) {
  const size = useHostStatus().data?.position.size ?? at;
  const travel = useTravel();
  const [thumb, setThumb] = useState(at);
  useEffect(() => setThumb(at), [at]);
  const newest = Math.max(size, at);
  const percent = Math.max(1, Math.round(newest / 100));
  const go = (to: number): void => travel(Math.min(newest, Math.max(1, to)));
  const onKeys = (event: KeyboardEvent): void => {
    const to = event.key === "PageUp" ? at + percent : event.key === "PageDown" ? at - percent : null;
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    go(to);
  };
  return (
    <section
      ref={tellHeight}
      aria-label="The past"
      className="shrink-0 border-4 border-dashed border-notice bg-notice-soft px-3 py-1.5"
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <p role="status" className="flex min-w-0 items-center gap-2">
          <MarkIcon shape="half" tone="notice" />
          <span>
            <strong>
              {shown === null
                ? "Going to the past"
                : `As of ${entryWords(shown.at)}, ${utcWords(shown.receivedMs)}: past`}
            </strong>
            {shown === null ? null : ` · ${sinceWords(Math.max(0, size - shown.at))}`}
            {shown !== null && shown.at !== at && problem === null ? ` · opening ${entryWords(at)}` : ""}
          </span>
        </p>
        <p className="text-muted">
          {covers
            ? "Nothing can be done here. The stop control is live: it acts on now."
            : "This view shows now, not the past. The stop control acts on now."}
        </p>
        <span className="ml-auto flex items-center gap-2">
          <GoLink to="/timeline" search={{ entry: at - 1, [AS_OF]: at }}>
            Show the entry
          </GoLink>
          <Button variant="primary" size="sm" onPress={() => travel(null)}>
            Back to now
          </Button>
        </span>
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="flex items-center">
          <IconButton size="sm" label="To the first entry" icon={ChevronFirst} onPress={() => go(1)} />
          <IconButton size="sm" label="1 % back" icon={ChevronsLeft} onPress={() => go(at - percent)} />
          <IconButton size="sm" label="One entry back" icon={ChevronLeft} onPress={() => go(at - 1)} />
        </span>
        {/* React Aria moves by a tenth there; the log is long. */}
        <div className="min-w-40 flex-1" onKeyDownCapture={onKeys} role="presentation">
          <Slider
            aria-label="Entry that is shown"
            minValue={0}
            maxValue={newest - 1}
            value={Math.min(thumb, newest) - 1}
            onChange={(entry) => setThumb(entry + 1)}
            onChangeEnd={(entry) => go(entry + 1)}
          >
            <SliderTrack className="relative h-6 w-full before:absolute before:top-1/2 before:h-1 before:w-full before:-translate-y-1/2 before:rounded-full before:bg-strong">
              <SliderThumb
                autoFocus
                className="top-1/2 h-5 w-5 rounded-full border-2 border-notice bg-raised data-focus-visible:outline-2 data-focus-visible:outline-offset-2 data-focus-visible:outline-accent"
              />
            </SliderTrack>
          </Slider>
        </div>
        <span className="flex items-center">
          <IconButton size="sm" label="One entry on" icon={ChevronRight} onPress={() => go(at + 1)} />
          <IconButton size="sm" label="1 % on" icon={ChevronsRight} onPress={() => go(at + percent)} />
        </span>
        <span className="tabular-nums text-muted">
          {entryWords(thumb)}; {formatCount(newest)} in all
        </span>
        <GoTo onGo={go} />
      </div>
      {problem === null ? null : <ProblemNote problem={problem} />}
    </section>
  );
}

/** By number or by time; on a phone behind a button, so that the bar leaves room for what it is about. */
function GoTo({ onGo }: { onGo(to: number): void }) {
  const { client } = useApi();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const [unfolded, setUnfolded] = useState(false);
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | undefined>(undefined);
  useEffect(() => {
    if (unfolded) form.current?.querySelector("input")?.focus();
  }, [unfolded]);
  const fold = (): void => {
    if (!unfolded) return;
    setUnfolded(false);
    opener.current?.focus();
  };
  const go = async (): Promise<void> => {
    const wanted = wantedBy(text);
    if (wanted === null) return setProblem("Neither the number of an entry nor a time");
    try {
      const { at } = await client.audit.instant(wanted);
      setProblem(undefined);
      setText("");
      fold();
      onGo(at);
    } catch (error) {
      setProblem(problemOf(error).detail);
    }
  };
  const onKeys = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !unfolded) return;
    event.stopPropagation();
    fold();
  };
  return (
    <>
      <Button
        ref={opener}
        size="sm"
        aria-expanded={unfolded}
        aria-controls={id}
        onPress={() => setUnfolded(!unfolded)}
        className="md:hidden"
      >
        Go to …
      </Button>
      <form
        ref={form}
        id={id}
        className={`${unfolded ? "flex" : "hidden"} items-end gap-1 max-md:w-full md:flex`}
        onKeyDown={onKeys}
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        <div className="min-w-0 flex-1">
          <TextField
            label="Entry or time"
            value={text}
            onChange={setText}
            placeholder="Entry, or 2026-11-26 07:01"
            errorMessage={problem}
          />
        </div>
        <Button size="sm" type="submit">
          Go
        </Button>
      </form>
    </>
  );
}
