import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cachedDataVersionTag, setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { isMainThread } from "node:worker_threads";
import { crc32 } from "node:zlib";
import { replaceFile } from "../replace-file.ts";

/** What the bundle has from around it. */
const PARAMETERS = "require, module, exports, __filename, __dirname, importModule";
const DIGEST_BYTES = 4;
const MONTH_MS = 30 * 24 * 3600 * 1000;

/**
 * What V8 does for programs that run long costs a short command a sixth of its time: it optimizes
 * functions that soon run no more, and collects small garbage often. Here it optimizes what has run
 * twice as long, and gives young objects room at once. Ten times as long would cost a model of 40,000
 * nodes a fifth of its time; but `zoo` keeps all cores busy, so that none optimizes for nothing. V8
 * prints an error for a flag that it lacks, so each has the versions that have it: V8 is 11 in Node 20,
 * 12 in 22 and 13 in 24.
 */
const BUDGET = process.argv[2] === "zoo" ? 1_320_000 : 264_000;
const FLAGS: readonly { readonly flag: string; readonly v8: RegExp }[] = [
  { flag: `--interrupt-budget=${BUDGET}`, v8: /^11\./ },
  { flag: "--semi-space-growth-factor=16", v8: /^1[1-3]\./ },
];

/** What measures time measures TensorFlow.js as V8 runs it elsewhere. */
const measuresTime = () => process.argv[2] === "calibrate" || process.argv.includes("--time");

/**
 * Runs a CommonJS bundle with its compiled code from a folder, leaves the code there at the end where
 * there is none, and ends the process where the bundle says that its command has `ended`. A folder
 * that cannot be read or written, and code that is torn or of another V8, change nothing but the time.
 *
 * Node's own `enableCompileCache`, which Node 20 lacks, keeps the functions of the first run alone:
 * after `opcounter --version` it would hold none that `opcounter profile` runs. Here each command
 * has its own.
 *
 * @param file the bundle; ASCII, which Node reads fastest.
 * @param hash tells one state of the bundle from another: V8 itself compares lengths only.
 */
export function runCached(file: string, hash: string, folder: string): void {
  const command = process.argv[2]?.match(/^(--)?[a-z]+$/)?.[0] ?? "none";
  // Before the version, which the flags are part of. They are the process's: threads have them too.
  if (isMainThread && !measuresTime()) setFlags(process.versions.v8);
  const version = cachedDataVersionTag().toString(16);
  const kept = join(folder, `${command}-${hash.slice(0, 16)}-${version}`);
  const source = readFileSync(file, "latin1");
  const cachedData = readCode(kept);
  const script = new Script(`(function (${PARAMETERS}) {${source}\n})`, {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const isNew = cachedData === undefined || script.cachedDataRejected === true;
  if (isNew && isMainThread) {
    process.once("exit", (status) => {
      // A mistyped command is none. At the end the functions that were used are compiled.
      if (status === 0) writeCode(kept, script.createCachedData());
    });
  }
  const module: { exports: { ended?: Promise<void> } } = { exports: {} };
  const importModule = (name: string) => import(name);
  const run = script.runInThisContext();
  run(createRequire(file), module, module.exports, file, dirname(file), importModule);
  // What a user's module has left, such as an interval or a thread, would hold the process for ever.
  module.exports.ended?.then(() => process.exit());
}

function setFlags(version: string): void {
  for (const { flag, v8 } of FLAGS) if (v8.test(version)) setFlagsFromString(flag);
}

/** Compiled code, or undefined where there is none that is whole: V8 trusts what it is given. */
function readCode(path: string): Buffer | undefined {
  try {
    const bytes = readFileSync(path);
    const code = bytes.subarray(DIGEST_BYTES);
    return digestOf(code).equals(bytes.subarray(0, DIGEST_BYTES)) ? code : undefined;
  } catch {
    return undefined;
  }
}

function writeCode(path: string, code: Buffer): void {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    replaceFile(path, Buffer.concat([digestOf(code), code]), 0o600);
    for (const name of readdirSync(folder)) {
      const other = join(folder, name);
      if (Date.now() - statSync(other).mtimeMs > MONTH_MS) rmSync(other, { recursive: true });
    }
  } catch {
    // The folder cannot be written, or the disk is full: the next run compiles again.
  }
}

/** Tells torn code, which is all that it is for. Loading OpenSSL takes 10 ms. */
function digestOf(code: Buffer): Buffer {
  const digest = Buffer.alloc(DIGEST_BYTES);
  digest.writeUInt32LE(crc32(code));
  return digest;
}
