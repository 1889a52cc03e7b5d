/** What every field looks like. */
export const FIELD_CLASS =
  "w-full min-w-0 rounded-md border border-strong bg-raised px-2 text-sm text-ink placeholder:text-faint disabled:opacity-50 aria-invalid:border-critical";
export const LABEL_CLASS = "text-xs font-medium text-muted";
