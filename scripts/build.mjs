// Builds what is shipped: the command line as one file, which starts fast, and each package as an
// ES module with its type declarations. `npm run build` builds all of it.
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { notices, noticesOfChunks } from "./notices.mjs";
import { bundle, ensureInstalled, program, root, run } from "./setup.mjs";

/** esbuild is imported when it is used: on a clean clone it is installed first. */
const build = async (options) => (await import("esbuild")).build(options);

/**
 * Never bundled: `esbuild` finds its binary beside itself, and TensorFlow.js asks for `node-fetch`
 * where Node has no `fetch` of its own, which every Node has that opcounter runs on.
 */
const external = ["esbuild", "node-fetch"];

/** What both files of the command line are built with. */
const options = {
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
  plugins: [notices()],
};

/** The files are CommonJS, which has no import.meta. */
const define = { "import.meta.url": "__filename" };

/** What all scripts for browsers are built with. */
export const pageOptions = {
  bundle: true,
  minify: true,
  platform: "browser",
  target: ["chrome123", "firefox120", "safari17.5"],
  conditions: ["opcounter-source"],
  loader: { ".css": "text" },
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "external",
  logLevel: "warning",
  plugins: [notices()],
};

/**
 * The page of reports: the script of a file of its own, which has its notices inside, or a module to
 * mount in any page.
 */
function buildReportPage(entry, format, outfile) {
  return build({
    ...pageOptions,
    entryPoints: [join(root, "packages/report/src", entry)],
    outfile,
    format,
    plugins: [notices({ isInside: format === "iife" })],
  });
}

/** A script's TensorFlow.js is the page's global `tf`, where there is one. */
const pageTfjs = {
  name: "the page's TensorFlow.js",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@tensorflow\// }, ({ path }) => ({ path, namespace: "page" }));
    onLoad({ filter: /./, namespace: "page" }, ({ path }) => ({
      contents: `
        const { tf } = globalThis;
        if (!tf) throw new Error("the page has no global tf to take ${path} from");
        module.exports = tf;`,
    }));
  },
};

/** A script for a page. */
function buildScriptTag(entry, file, global = {}) {
  return build({
    ...pageOptions,
    entryPoints: [join(root, "packages/cli/src", entry)],
    outfile: join(root, "packages/cli/dist", file),
    format: "iife",
    // Strict once, and not once per source, as tsconfig.base.json would have it.
    tsconfigRaw: { compilerOptions: { target: "ES2022", verbatimModuleSyntax: true } },
    banner: { js: '"use strict";' },
    ...global,
    plugins: [pageTfjs, notices()],
  });
}

/**
 * The page of `--device browser`, with the TensorFlow.js of the command line. Its names stay, as
 * those of the command line do.
 */
function buildRunnerPage() {
  return build({
    ...pageOptions,
    minify: false,
    minifyWhitespace: true,
    minifySyntax: true,
    entryPoints: [join(root, "packages/cli/src/browser/page/page.ts")],
    outfile: join(root, "packages/cli/dist/cli.page.js"),
    format: "iife",
  });
}

/** Beside the command line, which reads it when it writes a report. */
export const reportScript = join(root, "packages/cli/dist/cli.report.js");

/**
 * The overlay as the address of a bookmark. It holds all of its code, so that it asks no server for
 * any, which a page's content security policy may forbid.
 */
async function buildBookmarklet() {
  const { outputFiles } = await buildScriptTag("overlay/bookmarklet.ts", "bookmarklet.js", {
    legalComments: "none",
    write: false,
  });
  // What an address would lose: its own escapes, line ends, tabs.
  const code = outputFiles[0].text.trim().replace(/[%\r\n\t]/g, encodeURIComponent);
  const file = join(root, "packages/cli/dist/opcounter.bookmarklet.txt");
  writeFileSync(file, `javascript:${code};void 0`);
}

/** The browser extension: a folder to load unpacked. */
async function buildExtension() {
  const from = join(root, "packages/cli/src/extension");
  const folder = join(root, "packages/cli/dist/extension");
  await build({
    ...pageOptions,
    entryPoints: [join(from, "background.ts")],
    outfile: join(folder, "background.js"),
    format: "iife",
  });
  const read = (file) => JSON.parse(readFileSync(file, "utf8"));
  const { version } = read(join(root, "packages/cli/package.json"));
  const manifest = { ...read(join(from, "manifest.json")), version };
  writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join(from, "icon.png"), join(folder, "icon.png"));
  const overlay = "opcounter.overlay.min.js";
  copyFileSync(join(root, "packages/cli/dist", overlay), join(folder, overlay));
}

/** What runs the functions of the one file: a chunk when it is asked for, else a module of Node. */
const LOADER = `"use strict";
const loaded = new Map();
const load = (name) => {
  if (!Object.hasOwn(chunks, name)) return require(name);
  let module = loaded.get(name);
  if (module === undefined) {
    loaded.set(name, (module = { exports: {} }));
    chunks[name](module, module.exports, load);
  }
  return module.exports;
};
`;

/**
 * The command line as one file, in which each chunk that esbuild splits it into is a function: V8
 * compiles the chunks that a command runs, and keeps the compiled code of no others.
 */
async function buildMain(entry, file) {
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: [entry],
    entryNames: "main",
    chunkNames: "[hash]",
    outdir: dirname(file),
    format: "esm",
    splitting: true,
    write: false,
    metafile: true,
    define,
    plugins: [],
  });
  const chunks = outputFiles.filter(({ path }) => path.endsWith(".js"));
  const functions = await Promise.all(chunks.map(functionOf));
  const code = `${LOADER}const chunks = {\n${functions.join(",\n")}\n};\nmodule.exports = load("./main.js");\n`;
  // The launcher reads it as ASCII, and esbuild escapes all but regular expressions.
  const at = code.search(/\P{ASCII}/u);
  if (at >= 0) {
    throw new Error(`write this with \\u escapes: ${code.slice(Math.max(0, at - 60), at + 1)}`);
  }
  writeFileSync(file, code);
  const legal = outputFiles.filter(({ path }) => path.endsWith(".LEGAL.txt"));
  writeFileSync(`${file}.LEGAL.txt`, noticesOfChunks(metafile, legal));
}

/** A chunk as a method, which V8 compiles when it is called. */
async function functionOf({ path, text }) {
  const { target, minifyWhitespace, minifySyntax } = options;
  const esbuild = await import("esbuild");
  const { code } = await esbuild.transform(text, {
    ...{ target, minifyWhitespace, minifySyntax, format: "cjs", platform: "node" },
  });
  const body = withValues(code)
    // Only chunks import a chunk: one getter per name is enough.
    .replace(/module\.exports=__toCommonJS\((\w+)\)/, "module.exports=$1")
    .replace(/import\(("\.\/\w+\.js")\)/g, "Promise.resolve().then(()=>require($1))")
    // Code that V8 compiled earlier has no way to import: the launcher imports for it.
    .replaceAll("await import(", "await importModule(");
  return `"./${basename(path)}"(module,exports,require){${body}}`;
}

/**
 * A chunk that exports its functions as values. Making getters of them takes a fifteenth of a short
 * command's time. A function is there before its chunk runs, and stays the same where no statement of
 * the chunk sets its name.
 */
function withValues(code) {
  const found = /var (\w+)=\{\};__export\(\1,\{(.*?)\}\);/.exec(code);
  if (found === null) return code;
  const [statement, exported, list] = found;
  const entries = list.split(",").map((entry) => {
    const [name, local] = entry.split(":()=>");
    return { entry, value: isFixedFunction(local, code) ? `${name}:${local}` : undefined };
  });
  const values = entries.flatMap(({ value }) => value ?? []);
  const getters = entries.filter(({ value }) => value === undefined).map(({ entry }) => entry);
  return code.replace(
    statement,
    () => `var ${exported}={${values.join()}};__export(${exported},{${getters.join()}});`,
  );
}

function isFixedFunction(name, code) {
  const escaped = name.replaceAll("$", "\\$");
  const isDeclared = new RegExp(`function\\*? ?${escaped}\\(`).test(code);
  return (
    isDeclared && !new RegExp(`(?<![\\w$.])${escaped}(=(?!=)|[-+*/|&?]+=|\\+\\+|--)`).test(code)
  );
}

/**
 * The bundle, the small file that runs it with the code that V8 has compiled before, and the script
 * of the reports that it writes.
 */
export async function buildCommandLine() {
  await buildReportPage("file/start.ts", "iife", reportScript);
  writeReportScript();
  await buildScriptTag("script-tag/script-tag.ts", "opcounter.min.js", {
    globalName: "opcounter",
  });
  await buildScriptTag("overlay/script.ts", "opcounter.overlay.min.js");
  await buildBookmarklet();
  await buildExtension();
  await buildScriptTag("browser/page/passes.ts", "cli.passes.js");
  await buildScriptTag("browser/page/record.ts", "cli.record.js");
  await buildRunnerPage();
  const file = join(root, "packages/cli/dist/cli.main.cjs");
  await buildMain(join(root, "packages/cli/src/main.ts"), file);
  const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
  await build({
    ...options,
    entryPoints: [join(root, "packages/cli/src/launch/launch.ts")],
    outfile: bundle,
    define: { ...define, BUNDLE_HASH: JSON.stringify(hash) },
    banner: { js: "#!/usr/bin/env node" },
  });
}

/** The benches with opcounter's sources, compiled as users have them. Returns the file. */
export async function buildBench() {
  const outfile = join(root, "bench/dist/measure.mjs");
  await build({
    ...options,
    entryPoints: [join(root, "bench/measure.ts")],
    outfile,
    format: "esm",
    external: [...external, "@tensorflow/*", "webgpu"],
    banner: {
      js: 'import { createRequire as from } from "node:module"; const require = from(import.meta.url);',
    },
  });
  return outfile;
}

/** In the order of their dependencies. */
const packages = ["ir", "counters", "tracer", "executed", "recorder", "report", "cli"];

/** A package's sources, file by file, so that a bundler takes of them only what is imported. */
async function buildPackage(name) {
  const folder = join(root, "packages", name);
  // What a source that is gone left there would be published. The bundles stay.
  for (const file of existsSync(join(folder, "dist")) ? readdirSync(join(folder, "dist")) : []) {
    if (!/^cli\.|\.min\.js|\.bookmarklet\.txt$|^extension$/.test(file))
      rmSync(join(folder, "dist", file), { recursive: true });
  }
  run(process.execPath, [program("tsc"), "-p", join(folder, "tsconfig.build.json")]);
  if (name === "report") await buildReport(folder);
}

/** The page is shipped with the libraries that it is made with, so that nobody installs them. */
async function buildReport(folder) {
  run(process.execPath, [program("tsc"), "-p", join(folder, "tsconfig.page.json")]);
  await buildReportPage("page/mount.tsx", "esm", join(folder, "dist/page/mount.js"));
  writeReportScript();
}

/** The script of reports as a module, which a program imports. */
function writeReportScript() {
  const folder = join(root, "packages/report");
  const script = JSON.stringify(readFileSync(reportScript, "utf8"));
  mkdirSync(join(folder, "dist"), { recursive: true });
  writeFileSync(join(folder, "dist/script.js"), `export const script = ${script};\n`);
  copyFileSync(join(folder, "src/file/script.d.ts"), join(folder, "dist/script.d.ts"));
  copyFileSync(`${reportScript}.LEGAL.txt`, join(folder, "dist/script.js.LEGAL.txt"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled("everything");
  console.error("Building …");
  await buildCommandLine();
  for (const name of packages) await buildPackage(name);
}
