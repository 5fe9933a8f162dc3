// `npm run demo`: builds the demo site, static files that any server can serve under any path, and
// serves it on this machine. `npm run demo -- --out dir` only builds it, into a folder.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { pageOptions, reportScript } from "./build.mjs";
import { bundle, ensureBundled, ensureInstalled, root } from "./setup.mjs";

const values = readOptions();
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  fail(`--port ${values.port} is no port; write a number up to 65535.`);
}
ensureInstalled("everything");
await ensureBundled();
const zoo = JSON.parse(
  execFileSync(process.execPath, [bundle, "zoo", "--format", "json"], { encoding: "utf8" }),
);
const from = process.env.INIT_CWD ?? ".";
const folder = values.out === undefined ? join(root, "demo/dist") : resolve(from, values.out);
// What an earlier build left there would be served, too. A folder of the user's own is theirs.
if (values.out === undefined) rmSync(folder, { recursive: true, force: true });
const context = await (await import("esbuild")).context({
  ...pageOptions,
  entryPoints: [
    { in: join(root, "demo/src/page.tsx"), out: "page" },
    { in: join(root, "demo/src/worker/worker.ts"), out: "worker" },
  ],
  outdir: folder,
  format: "esm",
  splitting: true,
  // tfjs labels each GPU program with its class's name.
  keepNames: true,
  define: { ZOO_NAMES: JSON.stringify(zoo.map(({ name }) => name)) },
});
await context.rebuild();
mkdirSync(folder, { recursive: true });
for (const file of ["index.html", "page.css"]) {
  copyFileSync(join(root, "demo/src", file), join(folder, file));
}
// What a saved report is drawn by.
copyFileSync(reportScript, join(folder, "report.js"));
if (values.out !== undefined) {
  await context.dispose();
  console.error(`The demo is in ${folder}.`);
} else {
  try {
    const served = await context.serve({ host: "127.0.0.1", port, servedir: folder });
    console.error(`The demo is at http://127.0.0.1:${served.port}/ until you press Ctrl+C.`);
  } catch {
    fail(`port ${port} cannot be served at; name another, as in npm run demo -- --port 9000.`);
  }
}

function readOptions() {
  try {
    return parseArgs({
      options: { out: { type: "string" }, port: { type: "string", default: "8000" } },
    }).values;
  } catch (error) {
    return fail(`${error.message}; there are --out and --port.`);
  }
}

function fail(why) {
  console.error(`npm run demo: ${why}`);
  process.exit(1);
}
