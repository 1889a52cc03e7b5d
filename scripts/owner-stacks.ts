import * as react from "react";

/**
 * React's development build takes a stack trace of every element it makes, for its warnings to tell whose element it
 * is: a seventh of what a page computes in a test. It stops by itself at 10,000 elements in a row; here that many are
 * counted from the start. Warnings are given all the same, without that stack.
 */
const internals: unknown = Reflect.get(react, "__CLIENT_INTERNALS_DO_NOT_USE_OR_WARN_USERS_THEY_CANNOT_UPGRADE");
if (typeof internals === "object" && internals !== null && "recentlyCreatedOwnerStacks" in internals)
  Object.defineProperty(internals, "recentlyCreatedOwnerStacks", { get: () => 10_000, set: () => undefined });
