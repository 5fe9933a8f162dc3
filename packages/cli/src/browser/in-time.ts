import { orAbort } from "@opcounter/tracer";

/**
 * Waits for something, but no longer than some seconds.
 *
 * @param seconds as long as it takes where it is left out.
 * @throws what `late` makes, where it takes longer.
 */
export async function inTime<T>(
  something: Promise<T>,
  seconds: number | undefined,
  late: () => Error,
): Promise<T> {
  if (seconds === undefined) return something;
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(late()), 1000 * seconds);
  try {
    return await orAbort(something, ending.signal);
  } finally {
    clearTimeout(timer);
  }
}
