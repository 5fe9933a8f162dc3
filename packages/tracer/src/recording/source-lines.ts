import type { SourceLine } from "@opcounter/ir/core";

/** A frame of a stack: of V8 with the name of a function and without, and of other engines. */
const FRAMES = [
  /^\s*at .*? \((.+):(\d+):(\d+)\)$/,
  /^\s*at (?:async )?(.+):(\d+):(\d+)$/,
  /^[^@]*@(.+):(\d+):(\d+)$/,
];

/** TensorFlow.js, installed, from a CDN, or as a bundler names what it has bundled apart. */
const TFJS = /@tensorflow[/\\_+]tfjs/;
const OPCOUNTER = /node_modules[/\\](?:@opcounter|opcounter)[/\\]/;

/** The folder of this package's code, or the file that it is bundled in. */
const own = framesOf(new Error().stack)[0]?.file.replace(/recording[/\\]source-lines\.[jt]s$/, "");

/**
 * The line of the program that is calling TensorFlow.js: the first frame of the stack that is in
 * neither TensorFlow.js nor opcounter. Undefined where there is none, as for what the command line
 * itself builds. Where a program is in one file with TensorFlow.js and without a source map, it
 * cannot be told from it.
 */
export function lineNow(): SourceLine | undefined {
  const { stackTraceLimit } = Error;
  // Between a kernel and the program are some thirty frames of TensorFlow.js, in a model more.
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  try {
    return programLine(new Error().stack);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The first frame of a stack that is of the program. */
export function programLine(stack: string | undefined): SourceLine | undefined {
  return framesOf(stack).find(({ file }) => {
    const isOwn = own !== undefined && file.startsWith(own);
    return !isOwn && !file.startsWith("node:") && !TFJS.test(file) && !OPCOUNTER.test(file);
  });
}

function framesOf(stack = ""): SourceLine[] {
  return stack.split("\n").flatMap((text) => {
    const found = FRAMES.map((form) => form.exec(text)).find((match) => match !== null);
    const [, file, line, column] = found ?? [];
    // Code of `eval` is in no file.
    if (file === undefined || file.includes("<anonymous>")) return [];
    return [{ file, line: Number(line), column: Number(column) }];
  });
}
