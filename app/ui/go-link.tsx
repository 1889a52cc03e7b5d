import { Link, useRouter } from "@tanstack/react-router";
import type { ComponentType, ReactNode } from "react";
import { useFrozen } from "./frozen.ts";

export type GoSearch = Readonly<Record<string, string | number | boolean | undefined>>;

export interface GoLinkProps {
  readonly to: string;
  readonly search?: GoSearch;
  readonly className?: string;
  readonly title?: string;
  readonly "aria-label"?: string;
  onClick?(): void;
  readonly children: ReactNode;
}

/** A path of the console with its search parameters, written as the router writes them. */
export function hrefOf(to: string, search: GoSearch = {}): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) if (value !== undefined) parameters.set(key, String(value));
  const text = parameters.toString();
  return text === "" ? to : `${to}?${text}`;
}

// Panes do not know the router's routes (they are composed in the shell), so its types cannot be checked here.
export const LooseLink = Link as unknown as ComponentType<GoLinkProps>;

export const LOOK = "py-0.5 text-accent underline underline-offset-2 hover:decoration-2";

/** A link to another pane; out of a moment of the past it leads to that moment there. Outside a router (a test, a preview) it is a plain link. */
export function GoLink({ className = LOOK, ...given }: GoLinkProps) {
  const frozen = useFrozen();
  const props = frozen === null ? given : { ...given, search: { ...frozen.search, ...given.search } };
  const router = useRouter({ warn: false }) as unknown;
  if (router !== null && router !== undefined) return <LooseLink className={className} {...props} />;
  const { to, search, ...rest } = props;
  return <a href={hrefOf(to, search)} className={className} {...rest} />;
}
