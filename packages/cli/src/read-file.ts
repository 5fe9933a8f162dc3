import { closeSync, openSync, readSync } from "node:fs";
import { grouped, OpcounterError, reasonOf } from "@opcounter/ir";

/** The most that is read of an input, a graph or a device's specification. */
const MOST_BYTES = 2 ** 29;
const BLOCK_BYTES = 2 ** 20;

/**
 * The bytes of a file, or of what a pipe gives.
 *
 * @throws OpcounterError where there is no such file, or it cannot be read, or has no end in sight.
 */
export function readBytes(path: string, most = MOST_BYTES): Uint8Array {
  try {
    return readBlocks(path, most);
  } catch (error) {
    if (error instanceof OpcounterError) throw error;
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") throw new OpcounterError("file-not-found", `There is no file ${path}.`);
    const reason = code === "EISDIR" ? "it is a folder" : reasonOf(error);
    throw new OpcounterError("file-unreadable", `${path} cannot be read: ${reason}.`);
  }
}

/** Block by block, since what a device or a pipe says of its size is 0. */
function readBlocks(path: string, most: number): Uint8Array {
  const file = openSync(path, "r");
  const blocks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const block = Buffer.allocUnsafe(BLOCK_BYTES);
      const read = readSync(file, block);
      if (read === 0) return Buffer.concat(blocks, length);
      blocks.push(block.subarray(0, read));
      length += read;
      if (length > most) {
        throw new OpcounterError(
          "file-too-large",
          `${path} holds more than ${grouped(most)} bytes, the most that is read of it.`,
        );
      }
    }
  } finally {
    closeSync(file);
  }
}

/** A file's text, without the byte order mark that some editors put before it. */
export function readText(path: string): string {
  return new TextDecoder().decode(readBytes(path));
}

const START_BYTES = 2 ** 16;

/** How a file's text starts, at most 65,536 bytes of it. @throws Error where it cannot be read. */
export function readStart(path: string): string {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(START_BYTES);
    return start.toString("utf8", 0, readSync(file, start));
  } finally {
    closeSync(file);
  }
}

/** @throws OpcounterError where the file cannot be read, or is no JSON. */
export function readJson(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new OpcounterError(
      "json-malformed",
      `${file} cannot be read as JSON: ${reasonOf(error)}.`,
    );
  }
}

/** @throws OpcounterError as the step does, with the file, and what of it, before the sentence. */
export function inFile<T>(file: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw naming(file, error);
  }
}

/** The error with what it is about before its sentence. */
export function naming(what: string, error: unknown): unknown {
  if (!(error instanceof OpcounterError)) return error;
  const { code, sentence, remedy } = error;
  return new OpcounterError(code, `${what}: ${sentence}`, { remedy, cause: error });
}
