import { useContext, useEffect } from "react";
import { useApi } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { OperatorContext } from "./operator-context.tsx";
import type { OperatorSession } from "./session.ts";

/** What counts as reading protected data: the whole log, a request's arguments, an entry with something in clear. */
export type ReadKind = "export" | "arguments" | "entry";

/**
 * Tells the host that whoever is signed in has read protected data (XA-18). It decides whether that is to be recorded, and how
 * often; where nobody is signed in there is nobody to name.
 */
export function noteRead(
  client: SignalboxClient,
  session: OperatorSession | null,
  kind: ReadKind,
  object?: string | number,
): void {
  const operator = session?.store.getState().operator?.subject;
  if (operator === undefined) return;
  const tell = async (): Promise<void> => {
    await client.audit.noteRead({ operator, kind, ...(object === undefined ? {} : { object }) });
  };
  // What is on the screen stays there when the host cannot be asked; one that can keeps trying until its storage has room.
  tell().catch(() => undefined);
}

/**
 * The same for what is in view: when it comes into view, and for whoever signs in while it is. Null for nothing; what is of the
 * log of another domain (`domain`) holds nothing in clear.
 */
export function useNoteRead(kind: ReadKind, object: string | number | null, domain?: string): void {
  const session = useContext(OperatorContext);
  const { client } = useApi();
  useEffect(() => {
    if (object === null || session === null) return;
    let told: string | undefined;
    const tell = (): void => {
      const { operator } = session.store.getState();
      if (operator === null || operator.subject === told) return;
      if (domain !== undefined && domain !== operator.domain) return;
      told = operator.subject;
      noteRead(client, session, kind, object);
    };
    tell();
    return session.store.subscribe(tell);
  }, [session, client, kind, object, domain]);
}
