// The command line in a process that stays. For each message it runs the bundle anew, with nothing
// left of the run before but compiled code: a start takes most of the time of a short command. What
// ends this process ends the run, as it would end a process of its own.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { compileFunction } from "node:vm";

const [node = "", , launcher = "", end = ""] = process.argv;
const file = join(dirname(launcher), "cli.main.cjs");
const require = createRequire(file);
const parameters = ["require", "module", "exports", "__filename", "__dirname", "importModule"];
const start = compileFunction(readFileSync(file, "latin1"), parameters, { filename: file });
const emitters = [process, process.stdout, process.stderr];
const MOMENT_MS = 100;
let runs = 0;

/** The one package that the bundle leaves out. It would stay in the folder of the first run. */
const { build } = require("esbuild");
const esbuild = { build: (options) => build({ absWorkingDir: process.cwd(), ...options }) };

process.on("message", ({ args, cwd, env }) => {
  process.chdir(cwd);
  replaceProperties(process.env, env);
  process.argv = [node, launcher, ...args];
  const restore = [...emitters.map(listenersOf), globals()];
  const run = runs++;
  let isSpent = false;
  const importModule = (name) => {
    // Node would give the module of an earlier run, which has that run's TensorFlow.js.
    if (name.startsWith("data:")) return import(`${name}#${run}`);
    if (name === "esbuild") return esbuild;
    // A package of a backend keeps what it has registered: the next run needs a new process.
    isSpent = true;
    return import(name);
  };
  // A run is over when nothing is left to wait for.
  process.channel?.unref();
  const module = { exports: {} };
  start(require, module, module.exports, file, dirname(file), importModule);
  // The launcher ends the process at once. Here what is over in a moment may end by itself.
  let exit;
  module.exports.ended?.then(() => {
    exit = setTimeout(() => process.exit(), MOMENT_MS).unref();
  });
  // After the listeners of the command line, which tell that it has not come to its end.
  process.once("beforeExit", () => {
    clearTimeout(exit);
    if (isSpent) process.exit();
    const status = process.exitCode ?? 0;
    process.emit("exit", status);
    process.exitCode = undefined;
    for (const step of restore) step();
    process.channel?.ref();
    process.stdout.write(end);
    process.stderr.write(`${end}${status}${end}`);
  });
});

function replaceProperties(object, properties) {
  for (const name of Object.keys(object)) if (!(name in properties)) delete object[name];
  Object.assign(object, properties);
}

/** Returns a function that takes off the listeners that are added until then. */
function listenersOf(emitter) {
  const before = new Map(emitter.eventNames().map((name) => [name, emitter.rawListeners(name)]));
  return () => {
    for (const name of emitter.eventNames()) {
      for (const listener of emitter.rawListeners(name)) {
        if (!before.get(name)?.includes(listener)) emitter.off(name, listener);
      }
    }
  };
}

/**
 * Returns a function that gives globals the values that they have now, and takes off others. What
 * cannot be taken off is Node's own, such as the agent that its first `fetch` makes.
 */
function globals() {
  const before = new Map(
    Reflect.ownKeys(globalThis).map((key) => [
      key,
      Object.getOwnPropertyDescriptor(globalThis, key),
    ]),
  );
  return () => {
    for (const key of Reflect.ownKeys(globalThis)) {
      const descriptor = before.get(key);
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, key);
      else if (descriptor.configurable) Object.defineProperty(globalThis, key, descriptor);
    }
  };
}
