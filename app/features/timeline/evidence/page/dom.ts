import { cutText, visibleSegments } from "../../../../ui/visible-text.ts";

type Child = Node | string | null;

/** An element with its children; a string is text, never markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/**
 * Words that somebody else wrote (F4): text, bounded, isolated from the order of reading around it, with every character named
 * that could hide something.
 */
export function theirs(text: string, most = 300, mono = false): HTMLElement {
  const { head, more } = cutText(text, most);
  const shown = element("bdi", { class: mono ? "text mono" : "text" });
  for (const segment of visibleSegments(head)) {
    if (segment.kind === "text") shown.append(segment.text);
    else if (segment.kind === "mark") shown.append(element("span", { class: "mark" }, segment.mark));
    else shown.append(segment.text, element("span", { class: "mark" }, segment.note));
  }
  if (more > 0) shown.append(` … ${more} more characters`);
  return shown;
}

/** Facts by name. */
export function facts(...rows: readonly (readonly [term: string, value: Node | string])[]): HTMLElement {
  return element("dl", {}, ...rows.flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, value)]));
}

export function section(title: string, ...children: readonly Child[]): HTMLElement {
  return element("section", { "aria-label": title }, element("h2", {}, title), ...children);
}

/** A moment in UTC, as everybody who gets the file reads it. */
export function moment(epochS: number): HTMLElement {
  const at = new Date(epochS * 1000);
  const valid = !Number.isNaN(at.getTime());
  const iso = valid ? at.toISOString() : "";
  return element(
    "time",
    valid ? { datetime: iso } : {},
    valid ? `${iso.slice(0, 19).replace("T", " ")} UTC` : "no such time",
  );
}

/** The last part of an id; the whole of it is the title. */
export function shortName(id: string): HTMLElement {
  const last = id.split(/[/:]/).filter(Boolean).at(-1) ?? id;
  const shown = theirs(last, 60);
  shown.title = visibleSegments(cutText(id, 300).head)
    .map((segment) => (segment.kind === "mark" ? segment.mark : segment.text))
    .join("");
  return shown;
}
