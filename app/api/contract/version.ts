/**
 * Version of the contract, with its history:
 * 1.0.0 first.
 */
export const CONTRACT_VERSION = "1.0.0";
