import type {
  Expression,
  Memory,
  PrivateArray,
  Program,
  Register,
  Statement,
} from "../wgsl/program.ts";

/** The variables whose values decide which statements run. */
export interface Relevant {
  readonly registers: ReadonlySet<Register>;
  readonly arrays: ReadonlySet<PrivateArray>;
}

/**
 * What has to be computed to count a program: conditions, and what they are computed of. The rest,
 * which is nearly all of most shaders, need not be.
 *
 * @param isKnown whether contents of a memory are known, so that they can be looked up.
 */
export function relevantTo(program: Program, isKnown: (memory: Memory) => boolean): Relevant {
  const registers = new Set<Register>();
  const arrays = new Set<PrivateArray>();
  const isDecided = () => registers.size + arrays.size;
  const need = (expression: Expression): void => {
    if (expression.kind === "read") registers.add(expression.register);
    if (expression.kind === "element") {
      arrays.add(expression.array);
      need(expression.index);
    }
    if (expression.kind === "load" && isKnown(expression.memory)) need(expression.address);
    if (expression.kind === "apply") expression.args.forEach(need);
  };
  const visit = (statements: readonly Statement[]): void => {
    for (const statement of statements) {
      switch (statement.kind) {
        case "set":
          if (registers.has(statement.register)) need(statement.value);
          break;
        case "set-element":
          if (arrays.has(statement.array)) {
            need(statement.index);
            need(statement.value);
          }
          break;
        case "if":
          need(statement.condition);
          visit(statement.taken);
          visit(statement.otherwise);
          break;
        case "loop":
          if (statement.condition !== undefined) need(statement.condition);
          visit(statement.test);
          visit(statement.body);
          visit(statement.continuing);
          break;
        case "scope":
          visit(statement.body);
      }
    }
  };
  // A variable may be written before what reads it was seen.
  for (let before = -1; before < isDecided(); ) {
    before = isDecided();
    visit(program.body);
  }
  return { registers, arrays };
}
