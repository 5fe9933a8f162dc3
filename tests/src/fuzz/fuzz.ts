// `npm run fuzz`: feeds every parser inputs that are nearly right, traces random programs, and
// reports what goes wrong.
// `--minutes 10` says how long, `--seed 7` which inputs, `--parser png` which parser alone. What is
// found is written to tests/fixtures/fuzz, where the tests read it again.
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeSmallModel } from "../cli/small-model.ts";
import { temporaryFolder } from "../command-line.ts";
import { CORPUS, inputAt } from "./fuzz-parser.ts";
import { parsersIn } from "./parsers.ts";
import { programTargets } from "./programs.ts";

const WORKER = fileURLToPath(new URL("fuzz-worker.ts", import.meta.url));
/** How long one parser is fuzzed before the next has its turn; less the first time. */
const TURN_SECONDS = 20;
const SHORTEST_SECONDS = 0.5;
/** An input that is still read after that long does not end, however busy the machine is. */
const HUNG_SECONDS = 60;
const POLL_MILLISECONDS = 250;

const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    parser: { type: "string" },
  },
});
const seed = Number(options.seed);
const seconds = Number(options.minutes) * 60;
const end = performance.now() + 1000 * seconds;
if (!Number.isInteger(seed) || Number.isNaN(end)) {
  throw new Error("--seed must be an integer, --minutes a number");
}

const folder = temporaryFolder();
const parsers = {
  ...(await parsersIn(folder, await writeSmallModel(folder))),
  ...programTargets(),
};
const names = Object.keys(parsers).filter((name) => name === (options.parser ?? name));
if (names.length === 0) throw new Error(`there is no parser ${options.parser}`);
const tried = new Map(names.map((name) => [name, 0]));
let faults = 0;

/** Keeps an input that a parser went wrong on, and tells of it. */
function found(name: string, number: number, fault: string): void {
  const parser = parsers[name];
  if (parser === undefined) return;
  faults++;
  const input = inputAt(parser, seed, number);
  const file = createHash("sha256").update(input).digest("hex").slice(0, 12);
  mkdirSync(join(CORPUS, name), { recursive: true });
  writeFileSync(join(CORPUS, name, file), input);
  console.log(`${name}, input ${number} of seed ${seed}: ${fault}\n  kept as ${name}/${file}`);
}

/**
 * Fuzzes a parser for a turn, in a process of its own, which is killed where an input takes too
 * long. Returns the number of the input to go on with.
 */
function turn(name: string, from: number, seconds: number): Promise<number> {
  const progress = folder.write("progress", String(from));
  const current = () => Number(readFileSync(progress, "utf8"));
  const worker = fork(WORKER, [name, String(seed), String(from), String(seconds), progress], {
    execArgv: [...process.execArgv, "--max-old-space-size=900"],
  });
  let [isReady, isHung] = [false, false];
  let [last, since] = [from, performance.now()];
  worker.on("message", (message: "ready" | { number: number; fault: string }) => {
    since = performance.now();
    if (message === "ready") isReady = true;
    else found(name, message.number, message.fault);
  });
  const watch = setInterval(() => {
    if (current() !== last) [last, since] = [current(), performance.now()];
    // Its start, with TypeScript and TensorFlow.js to load, is no input's doing.
    else if (isReady && performance.now() - since > 1000 * HUNG_SECONDS) {
      isHung = true;
      worker.kill("SIGKILL");
    }
  }, POLL_MILLISECONDS);
  return new Promise((resolve) => {
    worker.on("exit", (status, signal) => {
      clearInterval(watch);
      const number = current();
      if (status === 0) return resolve(number);
      found(name, number, isHung ? "did not end" : `ended the process (${signal ?? status})`);
      resolve(number + 1);
    });
  });
}

console.log(`Fuzzing ${names.length} parsers, seed ${seed}, for ${options.minutes} minutes`);
// Every parser has a first turn, however little time there is.
const first = Math.max(SHORTEST_SECONDS, Math.min(TURN_SECONDS, seconds / names.length / 4));
for (const name of names) tried.set(name, await turn(name, 0, first));
while (performance.now() < end) {
  for (const name of names) {
    if (performance.now() >= end) break;
    tried.set(name, await turn(name, tried.get(name) ?? 0, TURN_SECONDS));
  }
}
folder.remove();
for (const [name, inputs] of tried) console.log(`${name}: ${inputs} inputs`);
const all = [...tried.values()].reduce((sum, inputs) => sum + inputs, 0);
console.log(`${all} inputs, ${faults} faults, seed ${seed}`);
process.exit(faults === 0 ? 0 : 1);
