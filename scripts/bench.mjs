// Measures what opcounter costs, beside named peers, and writes docs/benchmarks.md: `npm run bench`.
// With names it only prints those parts: `npm run bench -- virtual software`. SwiftShader takes a
// second for a pass, so it has few rounds: `--software-rounds=40` takes a quarter of an hour.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureBundled, ensureInstalled, program, root, run } from "./setup.mjs";

ensureInstalled("everything");
await ensureBundled();
const { buildBench } = await import("./build.mjs");
const measure = await buildBench();

const { positionals: asked, values } = parseArgs({
  options: { "software-rounds": { type: "string", default: "5" } },
  allowPositionals: true,
});

/** The parts, each with the runs whose rows make its table. */
const PARTS = {
  virtual: ["40"],
  software: [values["software-rounds"]],
  gpu: ["40"],
  prediction: [""],
  cards: [""],
  counting: [""],
  passes: ["10000", "100000", "1000000"],
  "start-up": [""],
};

/** The table of a part; null where it could not be measured. */
function tableOf(part) {
  const tables = PARTS[part].map((amount) => {
    const args = [part, amount];
    console.error(`Measuring ${args.join(" ")} …`);
    // TensorFlow.js writes on stdout too: the table is the last line.
    const { status, stdout } = spawnSync(process.execPath, [measure, ...args], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", part === "gpu" ? "ignore" : "inherit"],
    });
    if (status !== 0 && part === "gpu") return null;
    if (status !== 0) throw new Error(`measuring ${args.join(" ")} failed`);
    return JSON.parse(stdout.trim().split("\n").at(-1));
  });
  return tables[0] && { ...tables[0], rows: tables.flatMap(({ rows }) => rows) };
}

function markdown({ on, columns, rows }) {
  const line = (cells) => `| ${cells.join(" | ")} |\n`;
  const machine = on === undefined ? "" : `Measured on ${on}:\n\n`;
  return machine + [columns, columns.map(() => "---"), ...rows].map(line).join("");
}

const page = join(root, "docs/benchmarks.md");
let text = readFileSync(page, "utf8");
for (const part of Object.keys(PARTS).filter(
  (part) => asked.length === 0 || asked.includes(part),
)) {
  const table = tableOf(part);
  if (table === null) {
    console.log("There is no GPU here, so the page keeps what another machine measured.");
    continue;
  }
  const written = markdown(table);
  console.log(written);
  text = replaced(text, part, written);
}
const machine = `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.version}\n`;
if (asked.length === 0) {
  writeFileSync(page, replaced(text, "machine", machine));
  run(process.execPath, [program("biome"), "format", "--write", page]);
}

/** The page with what stands between `<!-- NAME -->` and `<!-- end -->` replaced. */
function replaced(text, name, by) {
  const begin = `<!-- ${name} -->\n\n`;
  const start = text.indexOf(begin) + begin.length;
  if (start < begin.length) throw new Error(`docs/benchmarks.md lacks the place for ${name}`);
  return text.slice(0, start) + by + text.slice(text.indexOf("\n<!-- end -->", start));
}
