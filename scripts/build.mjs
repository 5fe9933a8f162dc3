// Builds what is shipped: the command line as one file, which starts fast, and each package as an
// ES module with its type declarations. `npm run build` builds all of it.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled, program, root, run } from "./setup.mjs";

/** esbuild is imported when it is used: on a clean clone it is installed first. */
const build = async (options) => (await import("esbuild")).build(options);

/** Never bundled: `esbuild` finds its binary beside itself. */
const external = ["esbuild"];

/** The page of reports: the program of a file of its own, or a module to mount in any page. */
function buildReportPage(entry, format, outfile) {
  return build({
    entryPoints: [join(root, "packages/report/src", entry)],
    outfile,
    bundle: true,
    minify: true,
    platform: "browser",
    format,
    target: ["chrome123", "firefox120", "safari17.5"],
    conditions: ["opcounter-source"],
    loader: { ".css": "text" },
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "external",
    logLevel: "warning",
  });
}

/** The command line, and the page that it writes reports with. */
export async function buildCommandLine() {
  const dist = join(root, "packages/cli/dist");
  // Beside the command line, which reads it when it writes a report.
  await buildReportPage("file/start.ts", "iife", join(dist, "cli.report.js"));
  await build({
    entryPoints: [join(root, "packages/cli/src/main.ts")],
    outfile: join(dist, "cli.cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    conditions: ["opcounter-source"],
    mainFields: ["module", "main"],
    // Names stay: tfjs labels each GPU program with its class's name.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "external",
    logLevel: "warning",
    external,
    // The one file is CommonJS, which has no import.meta.
    define: { "import.meta.url": "__filename" },
    banner: { js: "#!/usr/bin/env node" },
  });
}

/** In the order of their dependencies. */
const packages = ["ir", "counters", "tracer", "report", "cli"];

/** A package's sources, file by file, so that a bundler takes of them only what is imported. */
async function buildPackage(name) {
  const folder = join(root, "packages", name);
  // What a source that is gone left there would be published. The command line's bundle stays.
  for (const file of existsSync(join(folder, "dist")) ? readdirSync(join(folder, "dist")) : []) {
    if (!file.startsWith("cli.")) rmSync(join(folder, "dist", file), { recursive: true });
  }
  run(process.execPath, [program("tsc"), "-p", join(folder, "tsconfig.build.json")]);
  if (name !== "report") return;
  // Its page is shipped with the libraries that it is made with: as one module, which needs none.
  run(process.execPath, [program("tsc"), "-p", join(folder, "tsconfig.page.json")]);
  await buildReportPage("page/mount.tsx", "esm", join(folder, "dist/page/mount.js"));
  const script = JSON.stringify(
    readFileSync(join(root, "packages/cli/dist/cli.report.js"), "utf8"),
  );
  const about = "/** The program of a file that `reportHtml` makes. */";
  writeFileSync(join(folder, "dist/script.js"), `export const script = ${script};\n`);
  writeFileSync(
    join(folder, "dist/script.d.ts"),
    `${about}\nexport declare const script: string;\n`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled("everything");
  console.error("Building …");
  await buildCommandLine();
  for (const name of packages) await buildPackage(name);
}
