/** Breakers go by the kind of action: the first word of its name, up to the first `_` or `.` [ours]. */
export const actionGroup = (execAct: string): string => /^[^_.]+/.exec(execAct)?.[0] ?? execAct;
