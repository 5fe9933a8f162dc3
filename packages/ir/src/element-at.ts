/**
 * The element of a list at a place that the list must have.
 *
 * @throws RangeError where it has none: the graph, or the caller, is wrong, and any default would be
 *   a wrong number.
 */
export function elementAt<T>(list: ArrayLike<T>, place: number): T {
  const element = list[place];
  if (element === undefined) {
    throw new RangeError(`a list of ${list.length} elements has none at ${place}`);
  }
  return element;
}
