// Mocha's options, for `npm test` and for editors that run tests.

const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

const typescript = pathToFileURL(join(__dirname, "scripts/typescript.mjs"));

/**
 * Most of what a test runs, it runs a few times. So V8 optimizes what has run ten times as long as
 * it waits for otherwise, which takes a tenth less time. V8 12 and later, of Node 22, lacks the flag
 * and would not start.
 */
const laterOptimizing = process.versions.v8.startsWith("11.") ? ["interrupt-budget=660000"] : [];

module.exports = {
  extension: ["ts"],
  "node-option": [
    "conditions=opcounter-source",
    `import=${typescript}`,
    "max-semi-space-size=64",
    ...laterOptimizing,
  ],
  reporter: "scripts/mocha-reporter.cjs",
  require: ["scripts/mocha-setup.mjs"],
  timeout: 120_000,
};
