/**
 * The element at a place of a list.
 *
 * @throws RangeError where the list has no such place.
 */
export function elementAt<T>(list: readonly T[], place: number): T {
  const element = list[place];
  if (element === undefined) {
    throw new RangeError(`a list of ${list.length} has no place ${place}`);
  }
  return element;
}
