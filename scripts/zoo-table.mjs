// Writes the README's table of the zoo from what the command line prints: `node scripts/zoo-table.mjs`.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle, ensureBundled, ensureInstalled, root } from "./setup.mjs";

const BLOCK = /(<!-- written by scripts\/zoo-table.mjs -->\n)[\s\S]*?(<!-- end -->)/;

ensureInstalled("running");
await ensureBundled();
const command = [bundle, "zoo", "--table", "--executed", "--format", "md"];
const table = execFileSync(process.execPath, command, { encoding: "utf8" });
const readme = join(root, "README.md");
const text = readFileSync(readme, "utf8");
if (!BLOCK.test(text)) throw new Error(`${readme} lacks the place for the table`);
writeFileSync(readme, text.replace(BLOCK, `$1\n${table}\n$2`));
