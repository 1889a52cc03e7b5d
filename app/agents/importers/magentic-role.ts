/** Who speaks in a Magentic-One log, and to whom: `WebSurfer`, `Orchestrator (-> WebSurfer)`, `Orchestrator (thought)`. */
export interface MagenticRole {
  readonly speaker: string;
  /** Whom it turns to. */
  readonly to: string | null;
  /** What else it says of the step: `thought`, `termination condition`. */
  readonly note: string | null;
}

export function magenticRole(role: string): MagenticRole {
  const bounded = role.slice(0, 512);
  const open = bounded.indexOf(" (");
  if (open <= 0 || !bounded.endsWith(")")) return { speaker: bounded, to: null, note: null };
  const inner = bounded.slice(open + 2, -1);
  const speaker = bounded.slice(0, open);
  return inner.startsWith("-> ") ? { speaker, to: inner.slice(3), note: null } : { speaker, to: null, note: inner };
}
