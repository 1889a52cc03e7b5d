/**
 * Version of the contract, with its history:
 * 1.0.0 first.
 * 1.1.0 area `policy`: the policies in the log, trying and replaying them.
 * 1.2.0 `identity.people` and `identity.stateRoles`; keys for stops only, keys that replace others; `code` of a stop.
 * 1.3.0 `audit.inspect`: any token, looked at under the keys of this log.
 * 1.4.0 a policy in the list says by whom it was revoked.
 * 1.5.0 `policy.revoke`; requests tell their roles, whom they were escalated to, and that nobody answered.
 * 1.6.0 `gate.decide` takes the decision's ECT; `gate.handle`, `gate.review`; requests tell how they are handled, what may be
 *   approved instead, and who approved alone. `policy.replace`, grants. Overrides beyond stop, with states, limits and due
 *   steps. Areas `cascade`, `drill` and `rollback`; agents are `rolling_back`. `audit.inspect` tells steps that do not apply or could
 *   not be checked. Every view of a state takes `at` and is then of that entry; what no log keeps is null (`playback`, `due`,
 *   `waiting` of breakers). `audit.instant`, `audit.why`. Area `domains`; reads of
 *   a log take `domain`. Area `accounting`; keys that sign messages about settlements only.
 * 1.7.0 area `behavior`: where agents stand, the evidence and profiles that rests on, quarantine. Area `benchmark`.
 *   Runs say how many steps their recording notes to be blamed (`annotated`), `workflow.graph` which (`blame`).
 */
export const CONTRACT_VERSION = "1.7.0";
