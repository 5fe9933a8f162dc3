import { setTimeout } from "node:timers/promises";

/** @throws what `late` makes, where something takes longer. */
export async function inTime<T>(
  something: Promise<T>,
  seconds: number | undefined,
  late: () => Error,
): Promise<T> {
  if (seconds === undefined) return something;
  // It may fail when nobody waits for it any more.
  something.catch(() => undefined);
  const ending = new AbortController();
  const end = setTimeout(1000 * seconds, undefined, { signal: ending.signal }).then(() => {
    throw late();
  });
  end.catch(() => undefined);
  try {
    return await Promise.race([something, end]);
  } finally {
    ending.abort();
  }
}
