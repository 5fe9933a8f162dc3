import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Where a package lies that users install only if they want it: beside opcounter, else in the
 * project of the working folder, as with `npx opcounter`.
 *
 * @param specifier a package's name, or a file in it.
 * @returns the path of the file, or undefined where it is installed in neither place.
 */
export function resolveOptional(specifier: string): string | undefined {
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      return createRequire(from).resolve(specifier);
    } catch {
      // Not there; perhaps in the next place.
    }
  }
  return undefined;
}

/**
 * Imports such a package.
 *
 * @returns undefined where it is not installed. What the package throws passes through.
 */
export async function importOptional(name: string): Promise<object | undefined> {
  const path = resolveOptional(name);
  return path === undefined ? undefined : await import(pathToFileURL(path).href);
}
