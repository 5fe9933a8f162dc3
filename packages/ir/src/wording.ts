/** Every digit, in groups of three: 2,834,161,664. */
export function grouped(count: number | bigint): string {
  return count.toLocaleString("en");
}

/** A count with its noun: 1 dispatch, 1,234 dispatches. */
export function counted(count: number | bigint, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${Number(count) === 1 ? one : many}`;
}
