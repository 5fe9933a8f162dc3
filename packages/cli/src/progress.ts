import { Console } from "node:console";
import { Writable } from "node:stream";
import { visible } from "./render/visible.ts";

/** How long a step may take before a line on stderr says what it is. */
const PATIENCE_MS = 500;

let isLineShown = false;
let isSilent = false;

/** From now on shows no progress, and nothing that modules print. */
export function silence(): void {
  isSilent = true;
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  globalThis.console = new Console(nowhere);
}

/** Clears the progress line or bar of a terminal, so that another line can be printed there. */
export function endProgress(): void {
  if (isLineShown) process.stderr.write("\r\u001b[K");
  isLineShown = false;
}

/**
 * Runs a step. If it takes longer than half a second, a line on stderr says what it is. On a
 * terminal the line is cleared when the step is done.
 */
export async function withProgress<T>(description: string, step: () => Promise<T>): Promise<T> {
  if (isSilent) return step();
  let shown = false;
  const show = () => {
    if (isSilent) return;
    shown = true;
    isLineShown = process.stderr.isTTY;
    const line = `${visible(description)} …`;
    process.stderr.write(isLineShown ? line : `${line}\n`);
  };
  // Unreferenced: this timer alone must not keep the process alive.
  const timer = setTimeout(show, PATIENCE_MS).unref();
  const started = performance.now();
  try {
    return await step();
  } finally {
    clearTimeout(timer);
    // A synchronous step keeps the timer from firing; the line is printed afterwards.
    if (!shown && performance.now() - started > PATIENCE_MS) show();
    endProgress();
  }
}

const BAR_WIDTH = 24;

/**
 * Runs steps with a progress bar on stderr, if that is a terminal. The bar is cleared at the end.
 *
 * @param run calls `advance` with the name of each step that is done.
 */
export async function withProgressBar<T>(
  description: string,
  steps: number,
  run: (advance: (name: string) => void) => Promise<T>,
): Promise<T> {
  const { stderr } = process;
  if (isSilent || !stderr.isTTY) return run(() => undefined);
  let done = 0;
  const draw = (name: string) => {
    const filled = Math.round((done / steps) * BAR_WIDTH);
    const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
    stderr.write(`\r\u001b[K${description} ${bar} ${done}/${steps} ${name}`);
  };
  draw("");
  isLineShown = true;
  try {
    return await run((name) => {
      done++;
      draw(name);
    });
  } finally {
    endProgress();
  }
}
