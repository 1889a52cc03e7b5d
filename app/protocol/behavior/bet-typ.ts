/** `typ` of behavioural evidence, for whoever needs no more of it. */
export const BET_TYP = "bet+jwt";
