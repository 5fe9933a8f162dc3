/**
 * What `opcounter` is on the command line: runs the bundle beside it, whose compiled code is kept in
 * the user's cache folder. Compiling takes a third of the time of a short command.
 */
import { join } from "node:path";
import { cacheFolder } from "@opcounter/tracer/node";
import manifest from "../../package.json" with { type: "json" };
import { runCached } from "./code-cache.ts";

/** The SHA-256 of the bundle, which the build puts here. */
declare const BUNDLE_HASH: string;

// The version is asked for by scripts: it needs none of the bundle.
const [only, ...others] = process.argv.slice(2);
if (others.length === 0 && (only === "--version" || only === "-V")) {
  process.stdout.write(`${manifest.version}\n`);
} else runCached(join(__dirname, "cli.main.cjs"), BUNDLE_HASH, join(cacheFolder(), "code"));
