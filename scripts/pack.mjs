// `npm run pack`: builds every package and packs it as npm would publish it, for use in a project
// elsewhere: `npm install <this repository>/tarballs/*.tgz`.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { pnpm, root, run, tarballs } from "./setup.mjs";

run(process.execPath, [join(root, "scripts/build.mjs")]);
rmSync(tarballs, { recursive: true, force: true });
pnpm("--recursive", "--filter", "./packages/*", "pack", "--pack-destination", tarballs);
