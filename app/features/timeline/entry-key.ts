/** Key of one opened entry. Not of the audit area: an entry never changes. */
export const entryKey = (seq: number): readonly [string, number] => ["timeline-entry", seq];
