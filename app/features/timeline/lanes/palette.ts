/** Colours of the theme as a canvas takes them, read once per theme. */
export interface Palette {
  readonly panel: string;
  readonly raised: string;
  readonly sunken: string;
  readonly line: string;
  readonly strong: string;
  readonly ink: string;
  readonly muted: string;
  readonly accent: string;
  /** By the number of the severity: grey while normal. */
  readonly severity: readonly string[];
  readonly fontFamily: string;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--color-${name}`).trim() || "#888";
  return {
    panel: colour("panel"),
    raised: colour("raised"),
    sunken: colour("sunken"),
    line: colour("line"),
    strong: colour("strong"),
    ink: colour("ink"),
    muted: colour("muted"),
    accent: colour("accent"),
    severity: [colour("strong"), colour("notice"), colour("warning"), colour("critical")],
    fontFamily: style.fontFamily || "sans-serif",
  };
}

/** Calls back with the colours of each theme, the first time at once; ends with the function it gives. */
export function followTheme(element: Element, use: (palette: Palette) => void): () => void {
  const read = (): void => use(readPalette(element));
  const theme = new MutationObserver(read);
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
  read();
  return () => theme.disconnect();
}
