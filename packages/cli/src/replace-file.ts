import {
  accessSync,
  constants,
  lstatSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Devices, and what a process has open: another file in their place would not reach them. */
const NOT_REPLACED = /^\/(dev|proc)\//;

/**
 * Writes a file whole or not at all: beside it under another name, which then takes its place.
 * Whoever reads or writes the file at the same time gets one whole file or the other. Where it
 * fails, as on a full disk, what was there stays. A link stays a link, and the file keeps its mode.
 * Pipes and devices are written to.
 *
 * @param mode the permissions of a new file.
 * @throws Error the system's own, where the file cannot be written.
 */
export function replaceFile(path: string, content: string | Uint8Array, mode = 0o666): void {
  const before = statSync(path, { throwIfNoEntry: false });
  const isDangling = before === undefined && lstatSync(path, { throwIfNoEntry: false });
  if (NOT_REPLACED.test(path) || isDangling || before?.isFile() === false) {
    writeFileSync(path, content);
    return;
  }
  // Renaming would replace a file that is read-only.
  if (before !== undefined) accessSync(path, constants.W_OK);
  const place = before === undefined ? path : realpathSync(path);
  // Not the file's name with an ending, which may be longer than a name can be.
  const beside = join(dirname(place), `.opcounter-${crypto.randomUUID()}`);
  try {
    writeFileSync(beside, content, { flag: "wx", mode: before?.mode ?? mode });
    renameOver(beside, place);
  } catch (error) {
    rmSync(beside, { force: true });
    if (error instanceof Error) error.message = error.message.replaceAll(beside, path);
    throw error;
  }
}

/** How often a file is tried to be replaced that another process has open, and the pause between. */
const TRIES = 20;
const PAUSE_MS = 50;

/**
 * Renames a file over another. Windows refuses that while anybody has the other one open, as a
 * virus scanner does for a moment.
 *
 * @param rename does it.
 * @throws Error the system's own.
 */
export function renameOver(
  from: string,
  to: string,
  { platform = process.platform, rename = renameSync } = {},
): void {
  for (let left = TRIES; ; left--) {
    try {
      rename(from, to);
      return;
    } catch (error) {
      const code: unknown = Reflect.get(Object(error), "code");
      const isOpen = code === "EPERM" || code === "EACCES" || code === "EBUSY";
      if (platform !== "win32" || !isOpen || left === 0) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
