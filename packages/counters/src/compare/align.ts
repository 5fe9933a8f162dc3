import { diffArrays } from "diff";

/** Elements of two sequences that stand for each other, or one that only one of them has. */
export type Pair<T> =
  | { readonly a: T; readonly b: T }
  | { readonly a: T; readonly b: null }
  | { readonly a: null; readonly b: T };

/**
 * Sequences of thousands of elements without anything in common would take minutes. Past this many
 * differences the next, coarser key decides.
 */
const MOST_DIFFERENCES = 4000;

/**
 * Aligns two sequences: a longest common subsequence by the first key, then, in each gap that it
 * leaves, one by the next key. What no key pairs is only in one of the two. Source: Myers, "An
 * O(ND) Difference Algorithm and Its Variations", 1986.
 *
 * @param keys the strictest first.
 */
export function align<T>(
  a: readonly T[],
  b: readonly T[],
  keys: readonly ((element: T) => string)[],
): Pair<T>[] {
  const [key, ...coarser] = keys;
  if (key === undefined || a.length === 0 || b.length === 0) return unpaired(a, b);
  const runs = diffArrays(a.map(key), b.map(key), { maxEditLength: MOST_DIFFERENCES });
  if (runs === undefined) return align(a, b, coarser);
  const pairs: Pair<T>[] = [];
  let gap: { a: readonly T[]; b: readonly T[] } = { a: [], b: [] };
  let [atA, atB] = [0, 0];
  const closeGap = () => {
    // One by one: a gap may be longer than a call may have arguments.
    for (const pair of align(gap.a, gap.b, coarser)) pairs.push(pair);
    gap = { a: [], b: [] };
  };
  for (const { added, removed, count } of runs) {
    if (removed) {
      gap = { ...gap, a: a.slice(atA, atA + count) };
      atA += count;
    } else if (added) {
      gap = { ...gap, b: b.slice(atB, atB + count) };
      atB += count;
    } else {
      closeGap();
      for (const element of a.slice(atA, atA + count)) {
        const other = b[atB++];
        if (other === undefined) throw new Error("a common subsequence is longer than a sequence");
        pairs.push({ a: element, b: other });
      }
      atA += count;
    }
  }
  closeGap();
  return pairs;
}

function unpaired<T>(a: readonly T[], b: readonly T[]): Pair<T>[] {
  return [
    ...a.map((element) => ({ a: element, b: null })),
    ...b.map((element) => ({ a: null, b: element })),
  ];
}
