import { randomBytes } from "node:crypto";
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
  const beside = join(dirname(place), `.opcounter-${randomBytes(6).toString("hex")}`);
  try {
    writeFileSync(beside, content, { flag: "wx", mode: before?.mode ?? mode });
    renameSync(beside, place);
  } catch (error) {
    rmSync(beside, { force: true });
    if (error instanceof Error) error.message = error.message.replaceAll(beside, path);
    throw error;
  }
}
