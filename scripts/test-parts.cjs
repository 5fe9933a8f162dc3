// The two parts of the tests. Those of the sources need Node alone and are to take less than three
// minutes on two cores; those that need a browser, a bundler or packed packages take longer.

/** The folders of `tests/src` whose tests need more than the sources. */
const apart = ["browser", "demo", "leaks", "packed", "report", "script-tag"];

/**
 * Files are handed out in this order: those that take long first, so that no process is left alone
 * with one.
 */
exports.sources = [
  "tests/src/*.test.ts",
  `tests/src/!(${apart.join("|")})/**/*.test.ts`,
  "packages/*/{src,testing,proof}/**/*.test.ts",
];
exports.others = [`tests/src/{${apart.join(",")}}/**/*.test.ts`];

const ofOthers = new RegExp(`[/\\\\]tests[/\\\\]src[/\\\\](${apart.join("|")})[/\\\\]`);

/** Whether a file's tests are of the sources. */
exports.isOfSources = (file) => !ofOthers.test(file);
