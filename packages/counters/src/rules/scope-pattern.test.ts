import { expect } from "chai";
import fc from "fast-check";
import { scopePattern } from "./scope-pattern.ts";

/** The same by a regular expression, which may go back and forth for ever. */
function byExpression(pattern: string): (scope: readonly string[]) => boolean {
  const parts = pattern.split("/").map((part) => {
    if (part === "**") return "(?:[^/]+/)*";
    return `${part.replaceAll("*", "[^/]*").replaceAll("?", "[^/]")}/`;
  });
  const expression = new RegExp(`^${parts.join("")}`);
  return (scope) => expression.test(`${scope.join("/")}/`);
}

describe("scopePattern", () => {
  it("matches scopes and all inside them", () => {
    const matches = (pattern: string, path: string) => scopePattern(pattern)(path.split("/"));
    expect(matches("features/*/conv?", "features/0/conv1/deep")).to.equal(true);
    expect(matches("features/*/conv?", "features/0/1/conv1")).to.equal(false);
    expect(matches("**/norm*", "a/b/norm1")).to.equal(true);
    expect(matches("**/norm*", "norm")).to.equal(true);
    expect(matches("a.c", "abc")).to.equal(false);
    expect(matches("head/**", "head")).to.equal(true);
    expect(matches("head/**", "heads/x")).to.equal(false);
  });

  it("agrees with a regular expression", () => {
    const letters = (...all: string[]) =>
      fc
        .array(fc.constantFrom(...all), { minLength: 1, maxLength: 8 })
        .map((each) => each.join(""));
    const pattern = letters("a", "b", "*", "**", "?", "/", "/**/", "a/");
    const scope = fc.array(letters("a", "b", "ab", "/"), { maxLength: 4 });
    fc.assert(
      fc.property(pattern, scope, (text, path) => {
        expect(scopePattern(text)(path)).to.equal(byExpression(text)(path));
      }),
      { numRuns: 3000 },
    );
  });

  it("takes patterns at once that a regular expression goes back and forth for", () => {
    const started = Date.now();
    expect(scopePattern("*a".repeat(500))(["a".repeat(5000) + "b".repeat(500)])).to.equal(false);
    const path = Array.from({ length: 2000 }, () => "a");
    expect(scopePattern(`${"**/a/".repeat(200)}b`)(path)).to.equal(false);
    expect(scopePattern(`${"**/".repeat(20_000)}b`)(path)).to.equal(false);
    expect(Date.now() - started).to.be.lessThan(2000);
  });
});
