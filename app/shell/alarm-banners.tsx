import { ConductBanner } from "./conduct-banner.tsx";
import { EscalationBanner } from "./escalation-banner.tsx";

/** What agents do that they must not: against an order, or against what is expected of them. */
export const AlarmBanners = () => (
  <>
    <EscalationBanner />
    <ConductBanner />
  </>
);
