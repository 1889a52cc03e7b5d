import { lazy, Suspense } from "react";
import { NotLoaded } from "./banner.tsx";

/** Nothing of it is asked for by a press: where it cannot be loaded, that is said, and the frame stays. */
const AwayNotice = lazy(() =>
  import("./away-notice.tsx").then(
    (loaded) => ({ default: loaded.AwayNotice }),
    () => ({ default: AwayUnknown }),
  ),
);

const AwayUnknown = () => <NotLoaded>What happens while the host does not answer will not be listed</NotLoaded>;

/** What was missed while the link to the host was lost (L4); no part of the first screen. */
export function AwayPart() {
  return (
    <Suspense>
      <AwayNotice />
    </Suspense>
  );
}
