import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where `npm run pack` puts the packages as npm would publish them; `npm test` runs it first. */
const FOLDER = fileURLToPath(new URL("../../../tarballs", import.meta.url));

/** The paths of the packed packages, for `npm install`. */
export const TARBALLS: readonly string[] = readdirSync(FOLDER).map((name) => join(FOLDER, name));

/**
 * Copies the packed packages into a project. By the name of each: its path there, as package
 * managers take it for a version. It has the digest of the content: Yarn keeps what it unpacked by
 * the path alone.
 */
export function copyTarballs(project: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    TARBALLS.map((path) => {
      const content = readFileSync(path);
      const folder = createHash("sha256").update(content).digest("hex").slice(0, 16);
      mkdirSync(join(project, folder));
      writeFileSync(join(project, folder, "packed.tgz"), content);
      const [, part] = /^opcounter-([a-z]+)-/.exec(basename(path)) ?? [];
      const name = part === undefined ? "opcounter" : `@opcounter/${part}`;
      return [name, `file:./${folder}/packed.tgz`];
    }),
  );
}
