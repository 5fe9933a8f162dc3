// Mocha's `spec` reporter, closed by how long the tests of the sources took, where others followed,
// and by one line that a machine can read: `12 passed, 0 failed`.
const { reporters, Runner } = require("mocha");
const { isOfSources } = require("./test-parts.cjs");

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    this.sources = { tests: 0, ms: 0 };
    runner.on(Runner.constants.EVENT_TEST_END, ({ file }) => {
      if (file === undefined || !isOfSources(file)) return;
      this.sources.tests++;
      this.sources.ms = Date.now() - this.stats.start;
    });
  }

  epilogue() {
    super.epilogue();
    const { passes = 0, failures = 0, pending = 0, tests = 0 } = this.stats;
    const { sources } = this;
    if (sources.tests > 0 && sources.tests < tests) {
      const seconds = (sources.ms / 1000).toFixed(0);
      console.log(`Tests of the sources: ${sources.tests}, done after ${seconds} s.`);
    }
    const skipped = pending > 0 ? `, ${pending} skipped` : "";
    console.log(`${passes} passed, ${failures} failed${skipped}`);
  }
};
