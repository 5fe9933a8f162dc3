import { OpcounterError } from "@opcounter/ir/core";

/**
 * A test for scope paths by a pattern such as `features/*\/conv?` or `**\/norm*`. Within a name `*`
 * stands for any characters and `?` for one; `**` stands for any number of names. A pattern also
 * takes in everything inside the scopes it matches.
 *
 * @throws OpcounterError where the pattern is empty.
 */
export function scopePattern(pattern: string): (scope: readonly string[]) => boolean {
  if (pattern.trim() === "") {
    throw new OpcounterError("scope-pattern-invalid", "A scope pattern is empty", {
      remedy: "write one like head/**",
    });
  }
  const parts = pattern.split("/").map((part) => {
    if (part === "**") return "(?:[^/]+/)*";
    const name = part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    return `${name.replaceAll("*", "[^/]*").replaceAll("?", "[^/]")}/`;
  });
  const expression = new RegExp(`^${parts.join("")}`);
  return (scope) => expression.test(`${scope.join("/")}/`);
}
