import { expect } from "chai";
import {
  binaryOperation,
  CLAMPED_INDEX,
  complement,
  conversion,
  type Operation,
} from "../wgsl/operations.ts";
import type { ScalarKind } from "../wgsl/types.ts";
import { exactLoop } from "./exact-loops.ts";

const OPERATORS = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "==", "!=", "<", ">="];

/** Values of each kind, those at its ends among them. */
const VALUES = {
  f32: [0, -1.5, 3.25, Math.fround(0.1), 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY],
  i32: [0, 1, -7, 31, 123_456_789, 2 ** 31 - 1, -(2 ** 31)],
  u32: [0, 1, 7, 31, 123_456_789, 2 ** 31, 2 ** 32 - 1],
} as const;
const KINDS = ["f32", "i32", "u32"] as const;

/** All pairs of the values of a kind, as two arguments of a loop. */
function pairs(kind: keyof typeof VALUES): [Float64Array, Float64Array] {
  const all = VALUES[kind].flatMap((a) => VALUES[kind].map((b) => [a, b] as const));
  return [Float64Array.from(all, ([a]) => a), Float64Array.from(all, ([, b]) => b)];
}

/** Checks that the loop gives what the operation gives, of pairs and beside one value for all. */
function expectSame(operation: Operation, kind: keyof typeof VALUES, what: string): void {
  const [x, y] = pairs(kind);
  const zero = new Float64Array(1);
  const into = new Float64Array(x.length);
  for (const step of [1, 0]) {
    exactLoop(operation)(into, x.length, x, 1, y, step, zero, 0);
    const expected = x.map((each, i) => operation.evaluate(each, y[i * step] ?? 0, 0));
    expect([...into], what).to.deep.equal([...expected]);
  }
}

function expectAllSame(): void {
  for (const kind of KINDS) {
    for (const operator of OPERATORS) {
      const operation = binaryOperation(operator, kind);
      if (operation !== undefined) expectSame(operation, kind, `${operator} of ${kind}`);
    }
    const others: readonly ScalarKind[] = [...KINDS, "bool"];
    for (const to of others) expectSame(conversion(kind, to), kind, `${kind} to ${to}`);
  }
  expectSame(CLAMPED_INDEX, "i32", "an index");
}

describe("exactLoop", () => {
  it("gives for each invocation what the operation gives", expectAllSame);

  it("calls the operation where a page forbids to compile text", () => {
    const { Function: before } = globalThis;
    const forbidden = function forbidden() {
      throw new EvalError("Refused to evaluate a string as JavaScript");
    };
    Reflect.set(globalThis, "Function", forbidden);
    try {
      // One with a text, whose loop nobody has made yet.
      expectSame(complement("u32"), "u32", "~ of u32");
    } finally {
      Reflect.set(globalThis, "Function", before);
    }
  });
});
