import { useEffect, useRef, useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf, type ShownProblem } from "../../../api/client/problem.ts";
import { must } from "../../../base/assert.ts";
import { commonClaims, OPERATOR_AMR } from "../../../operator/claims.ts";
import { useOperatorSession } from "../../../operator/operator-context.tsx";
import { gatewayIdOf } from "../../../protocol/audit/trust-domain.ts";
import { pageFrame } from "../../../protocol/pack/pack-page.ts";
import type { EvidenceRequestClaims, Selection } from "../../../protocol/pack/request.ts";
import { openSink } from "../export-log.ts";
import { exportPack, packName } from "./export-pack.ts";
import { pageParts } from "./page-parts.ts";

const LIFETIME_S = 120;

export interface PackWish {
  /** Whose log. */
  readonly domain: string;
  readonly purpose: string;
  readonly selection: Selection;
  readonly leaveOut: EvidenceRequestClaims["leave_out"];
  /** Places of entries that are taken out. */
  readonly redact: readonly number[];
}

export type Packing =
  | { readonly phase: "idle" }
  | { readonly phase: "running"; readonly done: number; readonly total: number }
  | { readonly phase: "failed"; readonly problem: ShownProblem };

/** Signs a request for evidence and writes the pack into a file the operator chooses. `done` is told the file's name. */
export function usePack(done: (name: string) => void) {
  const session = useOperatorSession();
  const { client } = useApi();
  const [state, setState] = useState<Packing>({ phase: "idle" });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const make = async (wish: PackWish, signal: AbortSignal): Promise<string | null> => {
    const operator = must(session.store.getState().operator, "somebody is signed in when evidence is asked for");
    const parts = await pageParts();
    const ending = parts === null ? "json" : "html";
    const name = `${packName(wish.domain, wish.selection.kind, Date.now())}.${ending}`;
    // Asked for first: a browser lets a page write a file only right after a press.
    const sink = await openSink(name, ending === "html" ? PAGE : DOCUMENT);
    if (sink === null) return null;
    const claims: EvidenceRequestClaims = {
      ...commonClaims({ iss: operator.subject, aud: [gatewayIdOf(wish.domain)], lifetimeS: LIFETIME_S }),
      purpose: wish.purpose,
      selection: wish.selection,
      leave_out: [...wish.leaveOut],
      ...(wish.redact.length === 0 ? {} : { redact: [...wish.redact] }),
      role: operator.roles[0] ?? "viewer",
      auth_time: session.touch(),
      amr: [...OPERATOR_AMR],
    };
    const token = await session.sign("evidence-request+jwt", claims).catch(async (error: unknown) => {
      await sink.discard();
      throw error;
    });
    const frame = parts === null ? null : await pageFrame(parts);
    await exportPack(client, { token, domain: wish.domain, sink, frame, signal }, (at, total) =>
      setState({ phase: "running", done: at, total }),
    );
    return name;
  };

  const start = (wish: PackWish): void => {
    if (running.current !== null) return;
    const control = new AbortController();
    running.current = control;
    setState({ phase: "running", done: 0, total: 0 });
    void make(wish, control.signal)
      .then((name): Packing => {
        if (name !== null) done(name);
        return { phase: "idle" };
      })
      .catch(
        (error: unknown): Packing =>
          control.signal.aborted ? { phase: "idle" } : { phase: "failed", problem: problemOf(error) },
      )
      .then((next) => {
        running.current = null;
        setState(next);
      });
  };
  return { state, start, cancel: () => running.current?.abort() };
}

const PAGE = { description: "Evidence pack", accept: { "text/html": [".html"] } };
const DOCUMENT = { description: "Evidence pack", accept: { "application/json": [".json"] } };
