import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { useOperator } from "../../../operator/operator-context.tsx";
import { useHandling } from "../../../operator/use-handling.ts";
import type { HandlingVerb } from "../../../protocol/acp/handling.ts";
import { useNow } from "../../../ui/clock.ts";
import { useFrozen } from "../../../ui/frozen.ts";
import { exercisedRole } from "../decision.ts";
import type { GateDetail } from "../gate-detail.ts";
import { shortName } from "../names.ts";
import { asideOf } from "./aside.ts";
import { returnTimes } from "./return-times.ts";

/** How long a claim lasts, seconds: renewed by claiming again (ACP-37). */
const CLAIM_S = 900;

export interface VerbChoice {
  readonly verb: HandlingVerb;
  readonly key: string;
  readonly label: string;
  readonly does: string;
  /** Why it cannot be done now; null when it can. */
  readonly problem: string | null;
}

export interface HandleForm {
  /** What can be done, in order. */
  readonly verbs: readonly VerbChoice[];
  /** Why nothing can be done at all; null when something can. */
  readonly blocked: string | null;
  /** Why it cannot be put away by anybody, so that there is no verb for it; null when it can. */
  readonly stays: string | null;
  /** The verb whose form is open. */
  readonly open: "shelve" | "defer" | "respond" | null;
  /** Does it, or opens the form of what needs a time, a reason or words first. False where it cannot be done. */
  begin(verb: HandlingVerb): boolean;
  close(): void;
  send(what: { readonly untilS?: number; readonly reason?: string; readonly text?: string }): void;
  readonly isSending: boolean;
  readonly error: unknown;
}

/** The verbs beside deciding (A7), for the open request. */
export function useHandle(detail: GateDetail, leftMs: number | null, onAside: (request: string) => void): HandleForm {
  const api = useApi();
  const queries = useQueryClient();
  const { operator } = useOperator();
  const handle = useHandling();
  const [open, setOpen] = useState<HandleForm["open"]>(null);
  const nowS = Math.floor(useNow() / 1000);
  const { row } = detail;
  const subject = operator?.subject ?? null;
  const role = exercisedRole(row, operator?.roles ?? []);
  const frozen = useFrozen();
  const blocked =
    frozen !== null
      ? frozen.why
      : operator === null
        ? "Sign in first."
        : role === null
          ? "It asks for roles that you do not hold."
          : row.state === "pending"
            ? null
            : "This request is settled.";
  const sending = useMutation({
    mutationFn: (given: Omit<Parameters<typeof handle>[0], "request" | "wid" | "role">) =>
      handle({
        request: { jti: row.request, hash: detail.digest },
        wid: row.wid,
        role: role ?? row.role,
        ...given,
      }),
    onSuccess: (_done, { verb }) => {
      // Another form may have been opened meanwhile.
      setOpen((now) => (now === verb ? null : now));
      if (verb === "shelve" || verb === "defer") onAside(row.request);
    },
    // What may be done next depends on the request alone: nobody waits for the other lists to be read again.
    onSettled: () => {
      const request = queries.invalidateQueries({ queryKey: api.orpc.gate.request.key() });
      void queries.invalidateQueries({ queryKey: api.orpc.gate.key() }, { cancelRefetch: false });
      return request;
    },
  });
  const verbs = verbsFor({ detail, subject, nowS, leftMs });
  return {
    verbs,
    blocked,
    stays: row.stopClass ? "A safety rule holds its agent: it stays in everybody’s sight (A3)." : null,
    open,
    begin: (verb) => {
      const choice = verbs.find((one) => one.verb === verb);
      if (blocked !== null || choice === undefined || choice.problem !== null) return false;
      // What was sent before may still be on its way: a form opens all the same, and is sent after it.
      const isForm = verb === "shelve" || verb === "defer" || verb === "respond";
      if (sending.isPending) {
        if (isForm) setOpen(verb);
        return isForm;
      }
      sending.reset();
      if (isForm) setOpen(verb);
      else sending.mutate(verb === "claim" ? { verb, until: untilOf(CLAIM_S, leftMs, nowS) } : { verb });
      return true;
    },
    close: () => setOpen(null),
    send: ({ untilS, reason, text }) => {
      if (open === null || sending.isPending) return;
      sending.mutate({
        verb: open,
        ...(untilS === undefined ? {} : { until: untilS }),
        ...(reason === undefined ? {} : { reason }),
        ...(text === undefined ? {} : { text }),
      });
    },
    isSending: sending.isPending,
    error: sending.error,
  };
}

/** A claim ends with its request. */
function untilOf(longestS: number, leftMs: number | null, nowS: number): number {
  const leftS = leftMs === null ? longestS : Math.floor(leftMs / 1000) - 1;
  return nowS + Math.max(1, Math.min(longestS, leftS));
}

interface Standing {
  readonly detail: GateDetail;
  readonly subject: string | null;
  readonly nowS: number;
  readonly leftMs: number | null;
}

function verbsFor({ detail, subject, nowS, leftMs }: Standing): readonly VerbChoice[] {
  const { row } = detail;
  const aside = asideOf(row, subject, nowS);
  const tooSoon = returnTimes(leftMs ?? 0).length === 0 ? "It is due too soon to be put away: decide it." : null;
  const claimed = row.claim !== null && nowS < row.claim.until ? row.claim : null;
  const claim: VerbChoice =
    claimed !== null && claimed.by === subject
      ? { verb: "unclaim", key: "c", label: "Give it back", does: "Others see that nobody has it.", problem: null }
      : {
          verb: "claim",
          key: "c",
          label: "Take it up",
          does: "Others see that you look at it, for 15 minutes. They can still decide it.",
          problem: claimed === null ? null : `${shortName(claimed.by)} has taken it up.`,
        };
  const shelf: VerbChoice =
    aside === "shelved"
      ? {
          verb: "unshelve",
          key: "s",
          label: "Take it off the shelf",
          does: "It is in everybody's queue again.",
          problem: null,
        }
      : {
          verb: "shelve",
          key: "s",
          label: "Shelve …",
          does: "Out of everybody's queue until a time, with a reason. The deadline stays.",
          problem: tooSoon,
        };
  const defer: VerbChoice =
    aside === "deferred"
      ? { verb: "undefer", key: "d", label: "Take it back now", does: "It is in your queue again.", problem: null }
      : {
          verb: "defer",
          key: "d",
          label: "Not now …",
          does: "Out of your own queue until a time. The deadline stays.",
          problem: tooSoon,
        };
  return [
    claim,
    ...(row.stopClass ? [] : [defer, shelf]),
    {
      verb: "respond",
      key: "m",
      label: "Answer the agent …",
      does: "Words for its agent, kept with the request. They decide nothing.",
      problem: null,
    },
  ];
}
