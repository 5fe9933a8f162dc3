/**
 * The known name that the user probably meant: the last that begins with what was written ("thop"
 * is the newest thop), otherwise the most similar. Undefined where no name is similar enough.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  const longer = name === "" ? undefined : names.findLast((other) => other.startsWith(name));
  if (longer !== undefined) return longer;
  let nearest: string | undefined;
  // Up to a third of the letters may be wrong. With more it is another word.
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

/** The Levenshtein distance: how many letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const inserted = (current[column - 1] ?? 0) + 1;
      const deleted = (previous[column] ?? 0) + 1;
      current.push(Math.min(replaced, inserted, deleted));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** A remedy: `Did you mean "fuse"?`; undefined where no known name is similar. */
export function similarName(name: string, known: Iterable<string>): string | undefined {
  const nearest = nearestName(name, known);
  return nearest === undefined ? undefined : `Did you mean "${nearest}"?`;
}

/** A remedy: `Did you mean "fuse"? There are canonicalize, fuse.` */
export function namesToChoose(name: string, known: Iterable<string>): string {
  const names = [...known];
  const hint = similarName(name, names);
  const all = `There are ${names.join(", ")}.`;
  return hint === undefined ? all : `${hint} ${all}`;
}

/** The first name that is in a list a second time; undefined where there is none. */
export function repeatedName(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}
