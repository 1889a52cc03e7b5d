import { createDrafts } from "../../../../api/client/drafts.ts";

/** Changed profiles that are not signed, by the id of the profile they were made of. Kept for this tab only. */
export const profileDrafts = createDrafts("signalbox.profile-drafts");

/** A profile of which there is no version yet is kept under this. No profile can have this id. */
export const NEW_PROFILE = "+new";
