/**
 * Version of the contract, with its history:
 * 1.0.0 first.
 * 1.1.0 area `policy`: the policies in the log, trying and replaying them.
 * 1.2.0 `identity.people` and `identity.stateRoles`; keys for stops only, keys that replace others; `code` of a stop.
 */
export const CONTRACT_VERSION = "1.2.0";
