import { readFileSync } from "node:fs";
import { OpcounterError, reasonOf } from "@opcounter/ir";

/** @throws OpcounterError where there is no such file, or it cannot be read. */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw isMissing
      ? new OpcounterError("file-not-found", `There is no file ${path}.`)
      : new OpcounterError("file-unreadable", `${path} cannot be read: ${reasonOf(error)}.`);
  }
}

/** A file's text, without the byte order mark that some editors put before it. */
export function readText(path: string): string {
  return new TextDecoder().decode(readBytes(path));
}
