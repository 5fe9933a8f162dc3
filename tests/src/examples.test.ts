import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect } from "chai";
import { temporaryFolder } from "./command-line.ts";

const TESTS = fileURLToPath(new URL("..", import.meta.url));
const EXAMPLES = join(TESTS, "../examples");
const PACKAGES = join(TESTS, "../packages");

/** What each example must print, beside nothing on stderr but tfjs's greeting. */
const EXPECTED: Readonly<Record<string, RegExp>> = {
  "profile.ts": /^194480 MACs, 314 parameters$/m,
  "trace.ts": /= BatchMatMul\(a=.*@mix\b/m,
  // Plugins, which define something and print nothing; costs.test.ts runs them.
  "energy.ts": /^$/,
  "stored-width.ts": /^$/,
  "count.ts": /^8832 8832 740$[\s\S]*hidden: _FusedMatMul has 64·128 MACs/m,
};

/** What the example of each package's README must print. */
const README_EXPECTED: Readonly<Record<string, RegExp>> = {
  cli: /^1280 MACs, 1290 parameters$/m,
  counters: /^8 8$/m,
  // Each of 63,990 elements is read twice.
  executed: /^63990 511920 11$/m,
  ir: /^ {2}%0 = Relu\(x=%x\) : f32\[1,8\]$/m,
  recorder: /^webgpu\.clearBuffer \[ 'step' \]$/m,
  report: /^opcounter-report relu 1$/m,
  tracer: /= Softmax\(logits=%input0\) \{dim=1\} : f32\[1,10\]/,
};

/** tfjs's own advice, when its CPU backend is first used in Node. */
const GREETING = /\n=+\nHi, looks like you are running TensorFlow\.js in Node\.js.*\n=+\n/;

interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** Between what two files print, on both streams. */
const BETWEEN = "\u0000next\u0000\n";

/**
 * Runs TypeScript files one after another, in one process, since starting one costs far more than an
 * example does; checks that they end without an error.
 *
 * @param runner writes the script that runs them; returns its path.
 */
function outputsOf(files: readonly string[], runner: (code: string) => string): Output[] {
  const code = `
    for (const file of ${JSON.stringify(files.map((file) => pathToFileURL(file).href))}) {
      await import(file).catch(console.error);
      process.stdout.write(${JSON.stringify(BETWEEN)});
      process.stderr.write(${JSON.stringify(BETWEEN)});
    }`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=opcounter-source", "--import", "tsx", runner(code)],
    // Node colours numbers it logs where the environment asks for it.
    { cwd: TESTS, encoding: "utf8", env: { ...process.env, FORCE_COLOR: "0" } },
  );
  const [printed, complained] = [stdout, stderr].map((text) => text.split(BETWEEN));
  expect(complained?.at(-1), "at the end").to.equal("");
  expect(status).to.equal(0);
  return files.map((_, i) => ({ stdout: printed?.[i] ?? "", stderr: complained?.[i] ?? "" }));
}

/** What each README shows first in TypeScript. */
function exampleIn(name: string): string {
  const readme = readFileSync(join(PACKAGES, name, "README.md"), "utf8");
  return /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
}

describe("examples", () => {
  const names = readdirSync(EXAMPLES).filter((name) => name.endsWith(".ts"));
  const packages = readdirSync(PACKAGES);
  // Written among the tests, where imports of packages are found.
  const folder = temporaryFolder(join(TESTS, ".cache"));
  after(folder.remove);

  let outputs: Output[] = [];
  before(() => {
    const readmes = packages.map((name) => folder.write(`${name}.ts`, exampleIn(name)));
    const files = [...names.map((name) => join(EXAMPLES, name)), ...readmes];
    outputs = outputsOf(files, (code) => folder.write("run-all.mts", code));
  });

  /** Checks what one of them printed. */
  function expectOutput(index: number, expected: RegExp | undefined): void {
    const { stdout, stderr } = outputs[index] ?? { stdout: "", stderr: "it did not run" };
    expect(stderr.replace(GREETING, "")).to.equal("");
    expect(stdout).to.match(expected ?? /an expectation is missing/);
  }

  for (const [i, name] of names.entries()) {
    it(`${name} runs`, () => expectOutput(i, EXPECTED[name]));
  }

  for (const [i, name] of packages.entries()) {
    it(`the README of packages/${name} has one that runs`, () =>
      expectOutput(names.length + i, README_EXPECTED[name]));
  }
});
