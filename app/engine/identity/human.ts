/** Whether an id is a person's: it lies under `/human/` (README section 4, OVR-S2). */
export const isHuman = (id: string): boolean => /^[a-z][a-z0-9+.-]*:\/\/[^/]+\/human\/./i.test(id);
