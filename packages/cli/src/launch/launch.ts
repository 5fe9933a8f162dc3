/**
 * What `opcounter` is on the command line: runs the bundle beside it, whose compiled code is kept in
 * the user's cache folder. Compiling takes a third of the time of a short command.
 */
import { join } from "node:path";
import { cacheFolder } from "@opcounter/tracer/node";
import { runCached } from "./code-cache.ts";

/** The SHA-256 of the bundle, which the build puts here. */
declare const BUNDLE_HASH: string;

runCached(join(__dirname, "cli.main.cjs"), BUNDLE_HASH, join(cacheFolder(), "code"));
