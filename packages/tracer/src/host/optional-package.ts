import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Finds an optional package: beside opcounter, or else in the project of the working folder, for
 * `npx opcounter`.
 *
 * @param specifier a package's name, or a file in it.
 * @returns the path of the file, or undefined where it is installed in neither place.
 */
export function resolveOptional(specifier: string): string | undefined {
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      return createRequire(from).resolve(specifier);
    } catch {
      // It may be in the next place.
    }
  }
  return undefined;
}

/**
 * Imports an optional package.
 *
 * @returns undefined where it is not installed. What the package throws passes through.
 */
export async function importOptional(name: string): Promise<object | undefined> {
  const path = resolveOptional(name);
  return path === undefined ? undefined : await import(pathToFileURL(path).href);
}
