/** What has a height that others are placed by; `theme.css` says what they do with it. */
type Told = "--banners" | "--past" | "--stop-note";

/** A ref: tells the whole page how high an element is, px, for as long as it is there. */
export const toldHeight =
  (name: Told) =>
  (element: HTMLElement | null): (() => void) | undefined => {
    if (element === null) return undefined;
    const { style } = document.documentElement;
    const observer = new ResizeObserver(() => style.setProperty(name, `${element.offsetHeight}px`));
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty(name);
    };
  };
