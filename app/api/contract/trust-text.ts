/** Characters of a pasted or dropped file of certificates or keys that are read at all. */
export const MAX_TRUST_TEXT = 262_144;
