import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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
  report: /^opcounter-report relu 1$/m,
  tracer: /= Softmax\(logits=%input0\) \{dim=1\} : f32\[1,10\]/,
};

/** tfjs's own advice, when its CPU backend is first used in Node. */
const GREETING = /\n=+\nHi, looks like you are running TensorFlow\.js in Node\.js.*\n=+\n/;

/** Checks that a TypeScript file runs without complaint; returns what it prints. */
function outputOf(file: string): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=opcounter-source", "--import", "tsx", file],
    // Node colours numbers it logs where the environment asks for it.
    { cwd: TESTS, encoding: "utf8", env: { ...process.env, FORCE_COLOR: "0" } },
  );
  expect(stderr.replace(GREETING, "")).to.equal("");
  expect(status).to.equal(0);
  return stdout;
}

describe("examples", () => {
  for (const file of readdirSync(EXAMPLES).filter((name) => name.endsWith(".ts"))) {
    it(`${file} runs`, () => {
      expect(outputOf(join(EXAMPLES, file))).to.match(
        EXPECTED[file] ?? /an expectation is missing/,
      );
    });
  }

  // Written among the tests, where imports of packages are found.
  const folder = temporaryFolder(join(TESTS, ".cache"));
  after(folder.remove);

  for (const name of readdirSync(PACKAGES)) {
    it(`the README of packages/${name} has one that runs`, () => {
      const readme = readFileSync(join(PACKAGES, name, "README.md"), "utf8");
      const [, code = ""] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
      const file = folder.write(`${name}.ts`, code);
      expect(outputOf(file)).to.match(README_EXPECTED[name] ?? /an expectation is missing/);
    });
  }
});
