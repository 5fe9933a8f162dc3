import { visible } from "./render/visible.ts";

/** How long a step may take before a person is told what is going on. */
const PATIENCE_MS = 500;

let isLineShown = false;

/** Takes the line that says what is going on off a terminal, so that another can stand there. */
export function endProgress(): void {
  if (isLineShown) process.stderr.write("\r\u001b[K");
  isLineShown = false;
}

/**
 * Runs a step; says on stderr what it is when it takes longer than half a second. On a terminal
 * the line goes away when the step is done.
 */
export async function withProgress<T>(description: string, step: () => Promise<T>): Promise<T> {
  let shown = false;
  const show = () => {
    shown = true;
    isLineShown = process.stderr.isTTY;
    const line = `${visible(description)} …`;
    process.stderr.write(isLineShown ? line : `${line}\n`);
  };
  // Unreferenced: a step that waits for nothing any more must not be kept waiting by this.
  const timer = setTimeout(show, PATIENCE_MS).unref();
  const started = performance.now();
  try {
    return await step();
  } finally {
    clearTimeout(timer);
    // A step that never gave the timer a turn still explains where the time went.
    if (!shown && performance.now() - started > PATIENCE_MS) show();
    endProgress();
  }
}

const BAR_WIDTH = 24;

/**
 * Runs a number of steps with a bar on stderr, where that is a terminal; it goes away at the end.
 *
 * @param run calls `advance` with the name of each step that is done.
 */
export async function withProgressBar<T>(
  description: string,
  steps: number,
  run: (advance: (name: string) => void) => Promise<T>,
): Promise<T> {
  const { stderr } = process;
  if (!stderr.isTTY) return run(() => undefined);
  let done = 0;
  const draw = (name: string) => {
    const filled = Math.round((done / steps) * BAR_WIDTH);
    const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
    stderr.write(`\r\u001b[K${description} ${bar} ${done}/${steps} ${name}`);
  };
  draw("");
  try {
    return await run((name) => {
      done++;
      draw(name);
    });
  } finally {
    stderr.write("\r\u001b[K");
  }
}
