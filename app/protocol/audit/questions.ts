/** The five questions of XA-20, in the order they are answered. */
export const QUESTIONS = ["authentic", "included", "consistent", "complete", "plausible"] as const;
