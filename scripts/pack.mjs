// `npm run pack`: builds every package and packs it as npm would publish it, for use in a project
// elsewhere: `npm install <this repository>/tarballs/*.tgz`.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { packageManager, root, run, tarballs } from "./setup.mjs";

run(process.execPath, [join(root, "scripts/build.mjs")]);
rmSync(tarballs, { recursive: true, force: true });
run("npx", [
  ...["-y", packageManager, "--recursive", "--filter", "./packages/*"],
  ...["pack", "--pack-destination", tarballs],
]);
