/// <reference path="./wgsl-reflect.d.ts" />
import {
  type ArrayType,
  Attribute,
  Const,
  type Enable,
  type Expression,
  LiteralExpr,
  ScalarData,
  Statement,
  StaticAssert,
  Token,
  TokenTypes,
  Type,
  WgslParser,
  WgslScanner,
} from "wgsl_reflect/wgsl_reflect.module.js";
import { ShaderProblem } from "./problem.ts";

/** What the library's parser gives, and what it has no place for. */
export interface ParsedShader {
  readonly declarations: readonly Statement[];
  /** The lengths of arrays that are no literals. */
  readonly lengths: ReadonlyMap<object, Expression>;
}

/** Statements in braces, which the library gives as a list. */
export class BlockStatement extends Statement {
  constructor(readonly body: readonly Statement[]) {
    super();
  }
}

/** The type of a literal such as `1.5`, which becomes an f32 or an f16. */
export const ABSTRACT_FLOAT = new Type("abstract-float");

/**
 * The library's parser, where it follows WGSL's grammar. Each method here replaces one that loses
 * something, or takes no more than a part of what WGSL allows.
 */
class Parser extends WgslParser {
  readonly lengths = new Map<object, Expression>();

  /** The library's own ends at what it does not know, as if the shader ended there. */
  override parse(tokens: Token[]): Statement[] {
    const declarations = super.parse(tokens);
    if (this._isAtEnd()) return declarations;
    const { lexeme, line } = this._peek();
    throw new ShaderProblem("refused", line, `"${lexeme}" is no declaration`);
  }

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

  /** The library's own takes `(a) && b` for its first operand. */
  override _optional_paren_expression(): Expression {
    return this._short_circuit_or_expression();
  }

  /** The library's own reads hexadecimal floats as 0, and gives every float one type. */
  override _primary_expression(): Expression {
    const token = this._peek();
    const isFloat =
      token.type === TokenTypes.tokens.decimal_float_literal ||
      token.type === TokenTypes.tokens.hex_float_literal;
    const node = super._primary_expression();
    if (!isFloat || !(node instanceof LiteralExpr)) return node;
    const { lexeme } = token;
    const isHexadecimal = /^-?0x/i.test(lexeme);
    if (isHexadecimal && node.value instanceof ScalarData) node.value.value = hexFloat(lexeme);
    const hasSuffix = isHexadecimal ? /p[+-]?\d+[fh]$/i.test(lexeme) : /[fh]$/.test(lexeme);
    if (!hasSuffix) node.type = ABSTRACT_FLOAT;
    return node;
  }

  override _statement(): Statement | null {
    const { line } = this._peek();
    const statement = super._statement();
    if (!Array.isArray(statement)) return statement;
    const block = new BlockStatement(statement);
    block.line = line;
    return block;
  }

  override _statementImpl(): Statement | Statement[] | null {
    if (!this._match(TokenTypes.keywords.const_assert)) return super._statementImpl();
    const { line } = this._previous();
    const assertion = new StaticAssert(this._short_circuit_or_expression());
    assertion.line = line;
    this._consume(TokenTypes.tokens.semicolon, "Expected ';' after statement.");
    return assertion;
  }

  /** The library's own keeps two statements of a case. */
  override _case_body(): Statement[] {
    const body: Statement[] = [];
    while (!this._check(TokenTypes.tokens.brace_right)) {
      const statement = this._statement();
      if (statement === null) break;
      body.push(statement);
    }
    return body;
  }

  /** The library's own computes the value, in no type of WGSL's, and puts it wherever the name is. */
  override _global_const_decl(): Const | null {
    const node = this._variable_statement();
    return node instanceof Const ? node : null;
  }

  override _variable_statement() {
    const node = super._variable_statement();
    // A `const` without a type stays a literal, which becomes what its uses need.
    if (!(node instanceof Const && node.value instanceof LiteralExpr)) return node;
    if (node.type === node.value.type) node.type = null;
    return node;
  }

  override _enable_directive(): Enable {
    const enable = super._enable_directive();
    while (this._match(TokenTypes.tokens.comma)) super._enable_directive();
    return enable;
  }

  override _type_decl(): Type | null {
    const known = this._deferArrayCountEval.length;
    const type = super._type_decl();
    for (const deferred of this._deferArrayCountEval.slice(known)) {
      if (isDeferred(deferred)) this.lengths.set(deferred.arrayType, deferred.countNode);
    }
    return type;
  }

  /** The library's own takes names and literals; here a value is an expression's text. */
  override _attribute(): Attribute[] | null {
    const attributes: Attribute[] = [];
    while (this._match(TokenTypes.tokens.attr)) {
      const name = this._consume(TokenTypes.attribute_name, "Expected attribute name");
      const attribute = new Attribute(name.lexeme, null);
      attribute.line = name.line;
      if (this._match(TokenTypes.tokens.paren_left)) attribute.value = this.#attributeValue();
      attributes.push(attribute);
    }
    return attributes.length === 0 ? null : attributes;
  }

  #attributeValue(): string | string[] {
    const values: string[] = [];
    do {
      if (this._check(TokenTypes.tokens.paren_right)) break;
      const start = this._current;
      this._short_circuit_or_expression();
      const tokens = this._tokens.slice(start, this._current);
      values.push(tokens.map(({ lexeme }) => lexeme).join(" "));
    } while (this._match(TokenTypes.tokens.comma));
    this._consume(TokenTypes.tokens.paren_right, "Expected ')'");
    const [only = ""] = values;
    return values.length > 1 ? values : only;
  }
}

function isDeferred(value: object): value is { arrayType: ArrayType; countNode: Expression } {
  return "arrayType" in value && "countNode" in value;
}

/** The value of `0x1.8p3`. */
function hexFloat(lexeme: string): number {
  const [, sign, whole = "", fraction = "", exponent = "0"] =
    /^(-?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d+))?/i.exec(lexeme) ?? [];
  const mantissa = Number.parseInt(`${whole}${fraction}`, 16);
  return (sign === "-" ? -1 : 1) * mantissa * 2 ** (Number(exponent) - 4 * fraction.length);
}

/** The tokens of a source. The library's scanner makes `-1` one token, in `a[0]-1` too. */
function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  for (const token of new WgslScanner(source).scanTokens()) {
    const isDifference =
      token.lexeme.length > 1 &&
      /^-[\d.]/.test(token.lexeme) &&
      tokens.at(-1)?.type === TokenTypes.tokens.bracket_right;
    if (!isDifference) tokens.push(token);
    else {
      const { lexeme, line, start, end } = token;
      tokens.push(new Token(TokenTypes.tokens.minus, "-", line, start, start + 1));
      tokens.push(new Token(token.type, lexeme.slice(1), line, start + 1, end));
    }
  }
  return tokens;
}

/**
 * Reads a shader.
 *
 * @throws ShaderProblem with the line where it is no WGSL.
 */
export function parseShader(source: string): ParsedShader {
  const parser = new Parser();
  return parsed(() => ({
    declarations: parser.parse(tokensOf(source)),
    lengths: parser.lengths,
  }));
}

/** Reads an expression, such as the value of an attribute. */
export function parseExpression(source: string, line: number): Expression {
  const parser = new Parser();
  parser._initialize(tokensOf(source));
  const expression = parsed(() => parser._short_circuit_or_expression());
  expression.line = line;
  return expression;
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ShaderProblem) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const [, reason = message, line = "0"] = /^(.*?)\.* Line: (\d+)$/.exec(message) ?? [];
    throw new ShaderProblem("refused", Number(line), reason.replace(/\.$/, ""));
  }
}
