import { useRouter } from "@tanstack/react-router";
import { AS_OF } from "./frozen.ts";
import { type GoLinkProps, type GoSearch, hrefOf, LOOK, LooseLink } from "./go-link.tsx";

export interface TravelLinkProps extends Pick<GoLinkProps, "onClick" | "children"> {
  readonly asOf: number;
}

/** Shows the same place as of an entry, with so many before and with it. */
export function TravelLink({ asOf, ...props }: TravelLinkProps) {
  const router = useRouter({ warn: false }) as unknown;
  if (router === null || router === undefined)
    return <a href={hrefOf("", { [AS_OF]: asOf })} className={LOOK} {...props} />;
  const search = (now: GoSearch): GoSearch => ({ ...now, [AS_OF]: asOf });
  // The routes are not known here, nor what each of them has in its address.
  return <LooseLink to="." search={search as never} className={LOOK} {...props} />;
}
