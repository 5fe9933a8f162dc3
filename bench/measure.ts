// Measures one part, and prints its table as JSON. Each part has a process of its own.
import { counting, passes } from "./passes.ts";
import { cards, prediction } from "./prediction.ts";
import { startUp } from "./start-up.ts";
import { tracing } from "./tracing.ts";

/** The rounds of tracing, or the ops of the graph that passes go over. */
const amount = Number(process.argv[3]);
const PARTS = {
  virtual: () => tracing("virtual", 224, amount),
  software: () => tracing("software", 8, amount),
  gpu: () => tracing("gpu", 224, amount),
  prediction,
  cards,
  counting,
  passes: () => passes(amount),
  "start-up": startUp,
};

const part = Object.entries(PARTS).find(([name]) => name === process.argv[2]);
if (part === undefined) throw new Error(`the parts are ${Object.keys(PARTS).join(", ")}`);
const table = await part[1]();
process.stdout.write(`${JSON.stringify(table)}\n`, () => process.exit());
