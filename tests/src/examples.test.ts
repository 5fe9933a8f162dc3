import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const FOLDER = fileURLToPath(new URL("../../examples/", import.meta.url));

/** What each example must print, beside nothing on stderr but tfjs's greeting. */
const EXPECTED: Readonly<Record<string, RegExp>> = {
  "profile.ts": /^194480 MACs, 314 parameters$/m,
  "trace.ts": /= BatchMatMul\(a=.*@mix\b/m,
  // Plugins, which define something and print nothing; costs.test.ts runs them.
  "energy.ts": /^$/,
  "stored-width.ts": /^$/,
  "count.ts": /^8832 8832 740$[\s\S]*hidden: _FusedMatMul has 64·128 MACs/m,
};

/** tfjs's own advice, when its CPU backend is first used in Node. */
const GREETING = /\n=+\nHi, looks like you are running TensorFlow\.js in Node\.js.*\n=+\n/;

describe("examples", () => {
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".ts"))) {
    it(`${file} runs`, () => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ["--conditions=opcounter-source", "--import", "tsx", FOLDER + file],
        {
          cwd: fileURLToPath(new URL("..", import.meta.url)),
          encoding: "utf8",
          // Node colours numbers it logs where the environment asks for it.
          env: { ...process.env, FORCE_COLOR: "0" },
        },
      );
      expect(stderr.replace(GREETING, "")).to.equal("");
      expect(status).to.equal(0);
      expect(stdout).to.match(EXPECTED[file] ?? /an expectation is missing/);
    });
  }
});
