/**
 * Runs `body`, then the steps that it gave to `later`, last first, each whatever the others do.
 * Throws what was thrown first.
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

/** Runs steps in order, each whatever the others do. Throws what was thrown first. */
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
