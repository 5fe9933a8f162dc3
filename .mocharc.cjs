// Mocha's options, for `npm test` and for editors that run tests.

const { join } = require("node:path");
const { pathToFileURL } = require("node:url");
const { testFlags } = require("./scripts/test-flags.cjs");

const typescript = pathToFileURL(join(__dirname, "scripts/typescript.mjs"));

module.exports = {
  extension: ["ts"],
  "node-option": ["conditions=opcounter-source", `import=${typescript}`, ...testFlags],
  reporter: "scripts/mocha-reporter.cjs",
  require: ["scripts/mocha-setup.mjs"],
  timeout: 120_000,
};
