// `npm run real-models`: fetches the packages of the table in docs/real-models.md, 380 MB, profiles
// their models, and writes the table.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeTable } from "../generated-table.ts";
import { FETCHED, INSTALLED_MODELS, REAL_MODELS } from "./catalog.ts";
import { COLUMNS, rowOf } from "./rows.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** Below the workspace's node_modules, so that what is fetched finds the TensorFlow.js there. */
const FOLDER = join(ROOT, "node_modules/.cache/real-models");

/** Unpacks a package of the registry, without what it depends on. */
function fetchPackage(name: string, version: string): void {
  const folder = join(FOLDER, "node_modules", name);
  if (existsSync(join(folder, "package.json"))) return;
  console.error(`Fetching ${name} ${version} …`);
  mkdirSync(folder, { recursive: true });
  const options = { cwd: FOLDER, encoding: "utf8", shell: process.platform === "win32" } as const;
  const packed = execFileSync("npm", ["pack", "--silent", `${name}@${version}`], options).trim();
  execFileSync("tar", ["-xzf", packed, "-C", folder, "--strip-components=1"], options);
  rmSync(join(FOLDER, packed));
}

mkdirSync(FOLDER, { recursive: true });
for (const [name, version] of Object.entries(FETCHED)) fetchPackage(name, version);
const rows = REAL_MODELS.map((model) => {
  console.error(`${model.package} ${model.name}`);
  return rowOf(model, INSTALLED_MODELS.includes(model) ? ROOT : FOLDER);
});
writeTable("real-models.md", "real-models", COLUMNS, rows);
