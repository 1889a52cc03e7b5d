import { describe, expect, it } from "vitest";
import { isCanonicalResource } from "./canonical-resource.ts";

describe("the normal form of resources", () => {
  it.each([
    "https://ops.example/site/index",
    "https://ops.example:8443/a/b?path=../x//y#Frag",
    "spiffe://ops.example/agent/Planner",
    "file:///srv/data/report%20final.pdf",
    "urn:isbn:0451450523",
    "build/out.txt",
    "chain-0.out",
    "mcp://tools/.well-known/x..y",
  ])("[ACP-25] is %s", (resource) => {
    expect(isCanonicalResource(resource)).toBe(true);
  });

  it.each([
    ["a parent segment", "https://ops.example/public/../secret"],
    ["a parent segment at the end", "https://ops.example/public/.."],
    ["a relative parent", "../etc/passwd"],
    ["a dot segment", "https://ops.example/./secret"],
    ["an empty segment", "https://ops.example//secret"],
    ["an encoded parent segment", "https://ops.example/public/%2E%2E/secret"],
    ["an encoded parent segment, lower case", "https://ops.example/public/%2e%2e/secret"],
    ["an encoded slash", "https://ops.example/public/..%2Fsecret"],
    ["an encoded backslash", "https://ops.example/public/..%5Csecret"],
    ["a percent sign encoded", "https://ops.example/public/%252E%252E/secret"],
    ["an encoded letter", "https://ops.example/%73ecret"],
    ["an encoded digit", "https://ops.example/%31"],
    ["an encoded null", "https://ops.example/secret%00.txt"],
    ["a percent sign alone", "https://ops.example/100%"],
    ["a backslash", "https://ops.example\\secret"],
    ["a line break", "https://ops.example/secret\n"],
    ["a letter of another script", "https://ops.еxample/secret"],
    ["a scheme in capitals", "HTTPS://ops.example/secret"],
    ["a host in capitals", "https://OPS.example/secret"],
  ])("[ACP-25] is not one with %s", (_, resource) => {
    expect(isCanonicalResource(resource)).toBe(false);
  });
});
