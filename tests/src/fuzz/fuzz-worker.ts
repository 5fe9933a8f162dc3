// One turn of `npm run fuzz`: arguments are the parser, the seed, the first input's number, how long
// it lasts in seconds, and the file that holds the number of the input being read.
import { closeSync, openSync, writeSync } from "node:fs";
import { writeSmallModel } from "../cli/small-model.ts";
import { temporaryFolder } from "../command-line.ts";
import { fault, inputAt, MOST_BYTES } from "./fuzz-parser.ts";
import { parsersIn } from "./parsers.ts";
import { programTargets } from "./programs.ts";

const [name = "", seed = "0", from = "0", seconds = "1", progress = ""] = process.argv.slice(2);
const folder = temporaryFolder();
const parsers = await parsersIn(folder, await writeSmallModel(folder));
const parser = { ...parsers, ...programTargets() }[name];
if (parser === undefined) throw new Error(`there is no parser ${name}`);
// What is loaded and opened once is no input's doing.
for (const example of parser.examples) await parser.read(example);
process.send?.("ready");
const file = openSync(progress, "r+");
const end = performance.now() + 1000 * Number(seconds);
const before = process.resourceUsage().maxRSS;
let number = Number(from);
for (; performance.now() < end; number++) {
  writeSync(file, String(number), 0);
  const wrong = await fault(parser, inputAt(parser, Number(seed), number));
  // The peak, in kilobytes, also where the memory is free again.
  const taken = 1024 * (process.resourceUsage().maxRSS - before);
  const much = taken > MOST_BYTES ? `took ${Math.round(taken / 2 ** 20)} MiB` : undefined;
  if (wrong === undefined && much === undefined) continue;
  process.send?.({ number, fault: wrong ?? much });
  // A new process begins with no memory taken.
  if (much !== undefined) {
    number++;
    break;
  }
}
writeSync(file, String(number), 0);
closeSync(file);
folder.remove();
process.exit(0);
