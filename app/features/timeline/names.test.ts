import { describe, expect, it } from "vitest";
import { actionWords, shortTyp } from "./names.ts";

describe("words of the timeline", () => {
  it("say what the console itself names, by the type of the entry", () => {
    expect(shortTyp("role-statement+jwt")).toBe("role statement");
    expect(shortTyp("acp-revocation+jwt")).toBe("policy revocation");
    expect(shortTyp("intent+jwt")).toBe("intent");
    expect(actionWords({ typ: "role-statement+jwt", action: "grant_roles" })).toBe("says which roles somebody has");
    expect(actionWords({ typ: "acp-revocation+jwt", action: "revoke_policy" })).toBe("revokes a policy");
    expect(actionWords({ typ: "record+jwt", action: "gate_escalated" })).toBe("request escalated");
    expect(actionWords({ typ: "missing", action: "missing" })).toBe("no entry is stored here");
    expect(actionWords({ typ: "unreadable", action: "unreadable" })).toBe("the stored entry cannot be read");
  });

  it("[F4] leave the name that an agent gave its action as it is", () => {
    expect(actionWords({ typ: "intent+jwt", action: "revoke_policy" })).toBeNull();
    expect(actionWords({ typ: "exec+jwt", action: "missing" })).toBeNull();
    expect(actionWords({ typ: "record+jwt", action: "toString" })).toBeNull();
  });
});
