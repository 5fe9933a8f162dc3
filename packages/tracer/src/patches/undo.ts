/**
 * Runs `body`, then the steps that it passed to `later`, the last one first. Each step runs even if
 * `body` or another step throws. Throws the first error.
 */
export async function withUndo<T>(
  body: (later: (step: () => unknown) => void) => Promise<T>,
): Promise<T> {
  const steps: (() => unknown)[] = [];
  const failures: unknown[] = [];
  const result = body((step) => steps.push(step));
  await result.catch((error) => failures.push(error));
  for (const step of steps.reverse()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return result;
}

/** Runs steps in order. Each runs even if another throws. Throws the first error. */
export function runAll(steps: Iterable<() => void>): void {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/**
 * Takes patches back, the last one first, as `runAll`. V8 makes an object slow whose properties are
 * deleted in another order than the reverse, for as long as it lives.
 */
export function takeBack(undo: readonly (() => void)[]): void {
  runAll(undo.toReversed());
}
