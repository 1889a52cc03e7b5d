import { GoLink } from "../ui/go-link.tsx";
import { Empty } from "../ui/states.tsx";
import { PANES } from "./panes.ts";

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <Empty title="There is nothing at this address">
      <p>The link may be of another version of the console.</p>
      <p className="mt-2 flex justify-center gap-4">
        {PANES.map((pane) => (
          <GoLink key={pane.id} to={pane.path}>
            {pane.title}
          </GoLink>
        ))}
      </p>
    </Empty>
  );
}
