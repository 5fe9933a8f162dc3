/**
 * V8's flags, without dashes, for processes that run tests, and for those that run the command line
 * for many tests.
 *
 * Most of what a test runs, it runs a few times. So V8 optimizes what has run ten times as long as
 * it waits for otherwise, which takes a tenth less time, and of the command line a quarter less. V8
 * 12 and later, of Node 22, lacks the flag and would not start. Such a process lives long and leaves
 * much garbage, hence the room for what is young.
 */
exports.testFlags = [
  "max-semi-space-size=64",
  ...(process.versions.v8.startsWith("11.") ? ["interrupt-budget=660000"] : []),
];
