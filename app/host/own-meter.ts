/** Name of the metering point for what the domain itself pays. */
export const OWN_METER = "gateway";
