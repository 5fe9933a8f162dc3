import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What a run of the command line gave. */
export interface Ended {
  readonly status: number | string;
  readonly stdout: string;
  /** What it said on standard error, without the line of progress. */
  readonly said: string;
}

/**
 * Runs the command line in a process of its own while this one goes on, so that it can serve the
 * page which the command line opens.
 */
export async function opcounterBeside(
  parts: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Ended> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, parts, { env });
    return { status: 0, stdout, said: "" };
  } catch (error) {
    const { code, stdout, stderr } = Object(error);
    return { status: code, stdout, said: stderr.replace(/^(Recording|Running) .* …\n/m, "") };
  }
}

/**
 * Checks what a page does within some seconds. On a busy machine a browser may have done nothing
 * by then; the check then has ten times as long.
 */
export async function within(
  seconds: number,
  check: (seconds: string) => Promise<void>,
): Promise<void> {
  try {
    await check(`${seconds}`);
  } catch {
    await check(`${10 * seconds}`);
  }
}
