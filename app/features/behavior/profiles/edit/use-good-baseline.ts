import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useApi } from "../../../../api/client/api-context.tsx";
import type { ProfileVersion } from "../../../../api/contract/behavior.ts";
import { formatCount } from "../../../../ui/duration.ts";
import { formatInstant } from "../../../../ui/instant.tsx";
import { agentWord } from "../words.ts";
import { profileDrafts } from "./drafts.ts";
import { type GoodBaseline, goodBaseline } from "./good-baseline.ts";
import { rebased } from "./profile-document.ts";

export interface TakenBaseline {
  /** Nothing is being read any more. */
  readonly isReady: boolean;
  /** What the draft's baseline is of, as long as it is nothing but that. */
  readonly told: string | null;
  /** Why the draft has another baseline than what was asked for. */
  readonly note: string | null;
}

/**
 * Begins the draft of a profile's next version with the baseline of an agent's last good windows (J5). A draft that is there
 * already is somebody's work and stays as it is.
 */
export function useGoodBaseline(agent: string | undefined, key: string, newest: ProfileVersion | null): TakenBaseline {
  const { orpc } = useApi();
  const isWanted = agent !== undefined && newest !== null;
  const { data, isError } = useQuery({
    ...orpc.behavior.agent.queryOptions({ input: { agent: agent ?? "" } }),
    enabled: isWanted,
  });
  const draft = profileDrafts.useDraft(key);
  const good = data === undefined ? null : goodBaseline(data.windows);
  const text = good === null || newest === null ? null : rebased(newest.profile, good.baseline);
  const place = `${key} ${agent}`;
  const [begun, setBegun] = useState<{
    readonly place: string;
    readonly text: string | null;
    readonly told: string;
  } | null>(null);
  useEffect(() => {
    if (!isWanted || good === null || text === null || begun?.place === place) return;
    const isThere = draft !== null && draft !== text;
    setBegun({ place, text: isThere ? null : text, told: isThere ? KEPT : toldOf(agent, good) });
    if (draft === null) profileDrafts.setDraft(key, text);
  }, [isWanted, agent, good, text, begun, place, draft, key]);
  if (!isWanted) return NOTHING;
  if (data === undefined)
    return isError
      ? { ...NOTHING, note: `The windows of ${agentWord(agent)} could not be read: the baseline is the one in force.` }
      : { ...NOTHING, isReady: false };
  if (good === null)
    return { ...NOTHING, note: `${agentWord(agent)} has no good window yet: the baseline is the one in force.` };
  if (begun?.place !== place) return { ...NOTHING, isReady: false };
  if (begun.text === null) return { ...NOTHING, note: begun.told };
  // Changed since: it is a draft like any other.
  return draft === begun.text ? { ...NOTHING, told: begun.told } : NOTHING;
}

const NOTHING: TakenBaseline = { isReady: true, told: null, note: null };
const KEPT =
  "There is a draft of it already, which stays as it is. To begin with the baseline of the last good windows, discard it and come again.";

function toldOf(agent: string, { windows, samples }: GoodBaseline): string {
  const [oldest, last] = [windows[0], windows.at(-1)];
  const count = windows.length === 1 ? "good window" : `${windows.length} good windows`;
  const between =
    oldest === undefined || last === undefined
      ? ""
      : ` between ${formatInstant(oldest.from * 1000)} and ${formatInstant(last.to * 1000)}`;
  return `The baseline is that of the last ${count} of ${agentWord(agent)}: ${formatCount(samples)} tasks${between}. It is replayed by itself; nothing is in force until you sign.`;
}
