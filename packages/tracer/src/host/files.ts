import { type FileHandle, open, realpath } from "node:fs/promises";
import { dirname, join, relative, win32 } from "node:path";
import { fileURLToPath } from "node:url";
import { OpcounterError, reasonOf } from "@opcounter/ir/core";
import { type ReadBound, tooLarge } from "./host.ts";

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  ERR_INVALID_ARG_VALUE: "no file name has such characters",
};

/**
 * The bytes of a file.
 *
 * @param path its path, or its address that begins with `file:`.
 * @throws OpcounterError where it cannot be read, is no plain file, or holds more than the bound.
 */
export async function readBounded(path: string, most: ReadBound): Promise<Uint8Array> {
  return explained(path, async () => {
    const file = await open(pathOf(path));
    try {
      const stat = await file.stat();
      // A pipe or a device may have no end.
      if (stat.isDirectory()) throw unreadable(path, "it is a folder; name the file in it");
      if (!stat.isFile()) throw unreadable(path, "it is no plain file");
      if (stat.size > most.bytes) throw tooLarge(path, most);
      return await readWhole(file, stat.size);
    } finally {
      await file.close();
    }
  });
}

/** The most bytes that the system reads at once. */
const MOST_AT_ONCE = 2 ** 30;

/**
 * The bytes of an open file; fewer where it became shorter. Its own `readFile` fails for files in
 * the archives of Yarn's Plug'n'Play.
 */
async function readWhole(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  for (let filled = 0; filled < size; ) {
    const length = Math.min(size - filled, MOST_AT_ONCE);
    const { bytesRead } = await file.read(bytes, filled, length, filled);
    if (bytesRead === 0) return bytes.slice(0, filled);
    filled += bytesRead;
  }
  return bytes;
}

/**
 * The bytes of a file that another file names. It must lie in the folder where the other file
 * lies, by its name or, where that is a link, in truth: caches of downloads are full of links.
 *
 * @throws OpcounterError as `readBounded`, and where it lies elsewhere.
 */
export async function readBeside(
  manifest: string,
  path: string,
  most: ReadBound,
): Promise<Uint8Array> {
  const file = pathOf(manifest);
  // Windows's absolute paths include those of other systems.
  if (/^[a-z]:/i.test(path) || isUpwards(path)) throw outside(file, path);
  const location = join(dirname(file), path);
  const [real, folder, realFolder] = await explained(location, async () => [
    await realpath(location),
    await realpath(dirname(file)),
    dirname(await realpath(file)),
  ]);
  const isIn = (within: string) => !isUpwards(relative(within, real));
  if (!isIn(folder) && !isIn(realFolder)) throw outside(file, path);
  return readBounded(location, most);
}

/** The path that a path or the address of a file names. */
function pathOf(location: string): string {
  return /^file:/i.test(location) ? fileURLToPath(location) : location;
}

/** Whether a path leads out of the folder that it starts in, as any system reads it. */
function isUpwards(path: string): boolean {
  return win32.isAbsolute(path) || win32.normalize(path).split("\\")[0] === "..";
}

function outside(file: string, path: string): OpcounterError {
  return new OpcounterError(
    "path-outside-model",
    `${file} names the weight file "${path}", which is not in the model's folder`,
    { remedy: "put it beside the model.json" },
  );
}

/** Runs a step; what the system says goes into a sentence about the path. */
async function explained<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof OpcounterError) throw error;
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const known = typeof code === "string" ? UNREADABLE[code] : undefined;
    if (code === "ENOENT") {
      throw new OpcounterError("file-not-found", `${path} cannot be read: ${known}.`);
    }
    throw unreadable(path, known ?? reasonOf(error));
  }
}

function unreadable(path: string, why: string): OpcounterError {
  return new OpcounterError("file-unreadable", `${path} cannot be read: ${why}.`);
}
