import type { RefObject } from "react";
import { problemOf } from "../../api/client/problem.ts";
import { useNoteRead } from "../../operator/use-note-read.ts";
import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/clock.ts";
import { Identifier } from "../../ui/identifier.tsx";
import { Empty, Loading, ProblemNote, StaleNote } from "../../ui/states.tsx";
import { isUuid } from "./approvals-search.ts";
import { RequestView } from "./request-view.tsx";
import type { Given } from "./use-decide.ts";
import { useRequest } from "./use-request.ts";

export interface OpenRequestProps {
  readonly request: string;
  readonly pane: RefObject<HTMLElement | null>;
  onClose(): void;
  /** It was put away: something else is next. */
  onAside(request: string): void;
  onGiven(given: Given): void;
}

/** The open request, or why it cannot be shown. */
export function OpenRequest({ request, pane, onClose, onAside, onGiven }: OpenRequestProps) {
  const { detail, token } = useRequest(request);
  useNoteRead("arguments", detail.data === undefined ? null : request);
  if (detail.data === undefined) {
    return (
      <div className="min-w-0 flex-1 p-4">
        {isUuid(request) && !detail.isError ? (
          <Loading what="the request" />
        ) : (
          <Unavailable request={request} error={detail.error} onRetry={() => void detail.refetch()} onClose={onClose} />
        )}
      </div>
    );
  }
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      {detail.isError ? <OldNote readAtMs={detail.dataUpdatedAt} /> : null}
      {token.isError ? <ProblemNote problem={problemOf(token.error)} onRetry={() => void token.refetch()} /> : null}
      <RequestView
        detail={detail.data}
        token={token.data}
        readAtMs={detail.dataUpdatedAt}
        pane={pane}
        onClose={onClose}
        onAside={onAside}
        onGiven={onGiven}
      />
    </div>
  );
}

/** The request is open and could not be read again: what is shown stays, marked as old. */
function OldNote({ readAtMs }: { readonly readAtMs: number }) {
  return <StaleNote ageMs={Math.max(0, useNow() - readAtMs)} />;
}

interface UnavailableProps {
  readonly request: string;
  readonly error: unknown;
  onRetry(): void;
  onClose(): void;
}

function Unavailable({ request, error, onRetry, onClose }: UnavailableProps) {
  if (!isUuid(request) || isMissing(error)) {
    return (
      <Empty title="There is no such request in this log">
        <p>
          <Identifier value={request} label="request id" /> may belong to another console or to a log that was started
          anew.
        </p>
        <Button onPress={onClose}>Back to the queue</Button>
      </Empty>
    );
  }
  return <ProblemNote problem={problemOf(error)} onRetry={onRetry} />;
}

function isMissing(error: unknown): boolean {
  return typeof error === "object" && error !== null && (error as { code?: unknown }).code === "NOT_FOUND";
}
