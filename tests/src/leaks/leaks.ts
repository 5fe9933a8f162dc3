// `npm run leaks`: traces programs again and again, in Node and in Chromium, and prints what each
// trace leaves. `--times 1000` says how often.
import { parseArgs } from "node:util";
import { type Growth, leftBy } from "./growth.ts";
import { leaksInChromium, leaksInNode } from "./run.ts";

/** Bytes of the heap. */
const MOST_PER_TRACE = 512;

const { values } = parseArgs({ options: { times: { type: "string", default: "1000" } } });
const times = Number(values.times);
if (!Number.isInteger(times) || times < 1) throw new Error("--times must be an integer from 1 on");

let leaks = 0;
for (const [host, run] of Object.entries({ Node: leaksInNode, Chromium: leaksInChromium })) {
  for (const [name, growth] of Object.entries(await run(times))) report(`${host}, ${name}`, growth);
}
process.exitCode = leaks === 0 ? 0 : 1;

function report(where: string, growth: Growth): void {
  const left = leftBy(growth, MOST_PER_TRACE);
  leaks += left.length;
  const heap = `${Math.round(growth.heapPerTrace)} bytes of heap a trace`;
  console.log(`${where}: ${heap}; ${left.length === 0 ? "nothing is left" : left.join(", ")}`);
}
