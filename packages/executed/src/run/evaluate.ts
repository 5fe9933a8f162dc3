import { rangeOf } from "../wgsl/operations.ts";
import type { Expression } from "../wgsl/program.ts";
import { applyOperation, Lanes, unknown } from "./lanes.ts";
import type { Machine } from "./machine.ts";

/** Computes a value for all invocations. What it returns is read before it is called again. */
export type Evaluate = () => Lanes;

/** Makes a closure of an expression. */
export function evaluation(machine: Machine, expression: Expression): Evaluate {
  const { invocations } = machine;
  switch (expression.kind) {
    case "constant": {
      const value = new Lanes(invocations).fill(expression.value);
      return () => value;
    }
    case "read": {
      const { lanes } = machine.variable(expression.register);
      return () => lanes;
    }
    case "unknown": {
      const range = rangeOf(expression.of);
      const value = unknown(new Lanes(invocations), range);
      return () => value;
    }
    case "element": {
      const range = rangeOf(expression.of);
      const array = machine.array(expression.array);
      const index = evaluation(machine, expression.index);
      const into = new Lanes(invocations);
      return () => array.read(index(), range, into);
    }
    case "load": {
      const { memory, of } = expression;
      const into = new Lanes(invocations);
      // Where contents are unknown, so is the value, whatever the address.
      const isKnown = of !== "f16" && (!machine.isCounting || machine.isKnown(memory));
      if (!isKnown) {
        return () => unknown(into, rangeOf(of));
      }
      const address = evaluation(machine, expression.address);
      return () => machine.memory(memory).load(address(), of, into);
    }
    case "apply":
      return application(machine, expression);
  }
}

function application(
  machine: Machine,
  { operation, args }: Extract<Expression, { kind: "apply" }>,
): Evaluate {
  const [a, b, c] = args.map((arg) => evaluation(machine, arg));
  const into = new Lanes(machine.invocations);
  if (a === undefined) throw new RangeError("an operation of nothing");
  if (b === undefined) {
    return () => {
      applyOperation(operation, into, a());
      return into;
    };
  }
  return () => {
    applyOperation(operation, into, a(), b(), c?.());
    return into;
  };
}
