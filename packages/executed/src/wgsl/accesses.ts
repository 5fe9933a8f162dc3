import type { Expression, Memory, Program, Statement } from "./program.ts";
import { argumentsOf, expressionsOf, statementsOf } from "./walk.ts";

/** How a program uses a memory. */
export interface MemoryAccess {
  readonly isLoaded: boolean;
  readonly isStored: boolean;
  /** Whether all that is loaded and stored is of f32. */
  readonly isFloat: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** How a program uses each of its memories. An atomic operation loads and stores. */
export function accessesOf({ body, memories }: Program): ReadonlyMap<Memory, MemoryAccess> {
  const found = new Map<Memory, Mutable<MemoryAccess>>();
  for (const memory of memories) {
    found.set(memory, { isLoaded: false, isStored: false, isFloat: true });
  }
  const note = (memory: Memory, what: "isLoaded" | "isStored", isFloat: boolean) => {
    const access = found.get(memory);
    if (access === undefined) return;
    access[what] = true;
    access.isFloat &&= isFloat;
  };
  const look = (expression: Expression): void => {
    if (expression.kind === "load") note(expression.memory, "isLoaded", expression.of === "f32");
    argumentsOf(expression).forEach(look);
  };
  const visit = (statement: Statement): void => {
    for (const expression of expressionsOf(statement)) look(expression);
    for (const inner of statementsOf(statement)) visit(inner);
    if (statement.kind === "store") {
      note(statement.memory, "isStored", statement.of === "f32");
    } else if (statement.kind === "atomic") {
      note(statement.memory, "isLoaded", false);
      note(statement.memory, "isStored", false);
    }
  };
  body.forEach(visit);
  return found;
}
