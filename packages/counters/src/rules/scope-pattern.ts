import { OpcounterError } from "@opcounter/ir/core";

/**
 * A test for scope paths by a pattern such as `features/*\/conv?` or `**\/norm*`. Within a name `*`
 * stands for any characters and `?` for one; `**` stands for any number of names. A pattern also
 * takes in everything inside the scopes it matches.
 *
 * It goes through a path once, with all places of the pattern that it may be at, and so never back.
 *
 * @throws OpcounterError where the pattern is empty.
 */
export function scopePattern(pattern: string): (scope: readonly string[]) => boolean {
  if (pattern.trim() === "") {
    throw new OpcounterError("scope-pattern-invalid", "A scope pattern is empty", {
      remedy: "write one like head/**",
    });
  }
  // Two `**` in a row stand for what one does; a long row of them would be gone through at each place.
  const parts = pattern.split("/").filter((part, i, all) => part !== "**" || all[i - 1] !== "**");
  return (scope) => {
    let places = withSkipped(parts, [0]);
    for (const name of scope.join("/").split("/")) {
      if (places.has(parts.length)) return true;
      places = withSkipped(parts, placesAfter(parts, places, name));
    }
    return places.has(parts.length);
  };
}

/** The places of a pattern, with those behind each `**`, which may stand for no name. */
function withSkipped(parts: readonly string[], places: Iterable<number>): ReadonlySet<number> {
  const all = new Set<number>();
  for (let place of places) {
    all.add(place);
    while (parts[place] === "**") all.add(++place);
  }
  return all;
}

function* placesAfter(parts: readonly string[], places: Iterable<number>, name: string) {
  for (const place of places) {
    const part = parts[place];
    if (part === "**") {
      if (name !== "") yield place;
    } else if (part !== undefined && matchesName(part, name)) yield place + 1;
  }
}

/**
 * Whether a name is what `*` and `?` stand for. Where a later part of the pattern does not fit, only
 * the last `*` takes one character more: what an earlier one took needs no change.
 */
function matchesName(pattern: string, name: string): boolean {
  let [at, star, taken] = [0, -1, 0];
  for (let i = 0; i < name.length; ) {
    if (pattern[at] === "*") {
      star = at++;
      taken = i;
    } else if (pattern[at] === "?" || pattern[at] === name[i]) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++taken;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
