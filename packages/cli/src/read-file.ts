import { readFileSync } from "node:fs";
import { reasonOf, UserError } from "@opcounter/ir";

/** @throws UserError where there is no such file, or it cannot be read. */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new UserError(
      isMissing ? `There is no file ${path}.` : `${path} cannot be read: ${reasonOf(error)}.`,
    );
  }
}

/** A file's text, without the byte order mark that some editors put before it. */
export function readText(path: string): string {
  return new TextDecoder().decode(readBytes(path));
}
