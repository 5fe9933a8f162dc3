import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where `npm run pack` puts the packages as npm would publish them; `npm test` runs it first. */
const FOLDER = fileURLToPath(new URL("../../../tarballs", import.meta.url));

/** The paths of the packed packages, for `npm install`. */
export const TARBALLS: readonly string[] = readdirSync(FOLDER).map((name) => join(FOLDER, name));
