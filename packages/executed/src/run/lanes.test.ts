import { expect } from "chai";
import {
  binaryOperation,
  CLAMPED_INDEX,
  complement,
  conversion,
  type Operation,
} from "../wgsl/operations.ts";
import type { ScalarKind } from "../wgsl/types.ts";
import { applyOperation, Lanes } from "./lanes.ts";

const OPERATORS = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "==", "!=", "<", ">="];

/** Values of each kind, those at its ends among them. */
const VALUES = {
  f32: [0, -1.5, 3.25, Math.fround(0.1), 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY],
  i32: [0, 1, -7, 31, 123_456_789, 2 ** 31 - 1, -(2 ** 31)],
  u32: [0, 1, 7, 31, 123_456_789, 2 ** 31, 2 ** 32 - 1],
} as const;
const KINDS = ["f32", "i32", "u32"] as const;

/** All pairs of the values of a kind, as two arguments of an operation. */
function pairs(kind: keyof typeof VALUES): [number[], number[]] {
  const all = VALUES[kind].flatMap((a) => VALUES[kind].map((b) => [a, b] as const));
  return [all.map(([a]) => a), all.map(([, b]) => b)];
}

/** Lanes of a value for each invocation, or of the first one for all. */
function lanesOf(values: readonly number[], step: 0 | 1): Lanes {
  const lanes = new Lanes(values.length);
  lanes.low.set(values);
  lanes.step = step;
  return lanes;
}

/** Checks that lanes get what the operation gives, of pairs and beside one value for all. */
function expectSame(operation: Operation, kind: keyof typeof VALUES, what: string): void {
  const [x, y] = pairs(kind);
  for (const step of [1, 0] as const) {
    const into = new Lanes(x.length);
    applyOperation(operation, into, lanesOf(x, 1), lanesOf(y, step));
    const expected = x.map((each, i) => operation.evaluate(each, y[i * step] ?? 0, 0));
    expect([...into.low], what).to.deep.equal(expected);
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

describe("an operation on exact lanes", () => {
  it("gives for each invocation what the operation gives", expectAllSame);

  it("is computed where a page forbids to compile text", () => {
    const { Function: before } = globalThis;
    const forbidden = function forbidden() {
      throw new EvalError("Refused to evaluate a string as JavaScript");
    };
    Reflect.set(globalThis, "Function", forbidden);
    try {
      expectSame(complement("u32"), "u32", "~ of u32");
    } finally {
      Reflect.set(globalThis, "Function", before);
    }
  });
});
