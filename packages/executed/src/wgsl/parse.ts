/// <reference path="./wgsl-reflect.d.ts" />
import { type Expression, type Statement, WgslParser } from "wgsl_reflect/wgsl_reflect.module.js";
import { ShaderProblem } from "./problem.ts";

/** Statements of a block, in which blocks of their own are lists. */
export type Block = readonly (Statement | Block)[];

class Parser extends WgslParser {
  /** The library's own loses the first access of `(a.xy)[0]`. */
  override _singular_expression(): Expression {
    const expression = this._primary_expression();
    const access = this._postfix_expression();
    if (access === null) return expression;
    let last = expression;
    while (last.postfix !== null) last = last.postfix;
    last.postfix = access;
    return expression;
  }
}

/**
 * The declarations of a shader.
 *
 * @throws ShaderProblem with the line where it is no WGSL.
 */
export function parseShader(source: string): readonly Statement[] {
  try {
    return new Parser().parse(source);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, reason = message, line = "0"] = /^(.*?)\.* Line: (\d+)$/.exec(message) ?? [];
    throw new ShaderProblem("refused", Number(line), reason.replace(/\.$/, ""));
  }
}
