import type { Expression, Statement } from "./program.ts";

/** The expressions of a statement, without those of statements in it. */
export function expressionsOf(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case "set":
      return [statement.value];
    case "set-element":
      return [statement.index, statement.value];
    case "store":
      return [statement.address, statement.value];
    case "atomic":
      return [statement.address, ...statement.args];
    case "if":
      return [statement.condition];
    case "loop":
      return statement.condition === undefined ? [] : [statement.condition];
    default:
      return [];
  }
}

/** The statements that are in a statement. */
export function statementsOf(statement: Statement): readonly Statement[] {
  switch (statement.kind) {
    case "if":
      return [...statement.taken, ...statement.otherwise];
    case "loop":
      return [...statement.test, ...statement.body, ...statement.continuing];
    case "scope":
      return statement.body;
    default:
      return [];
  }
}

/** The expressions that an expression is computed of. */
export function argumentsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "constant":
    case "unknown":
    case "read":
      return [];
    case "element":
      return [expression.index];
    case "load":
      return [expression.address];
    case "apply":
      return expression.args;
  }
}
