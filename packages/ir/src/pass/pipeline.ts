import { OpcounterError } from "../errors.ts";

export type PassOption = string | number | boolean;

/** One pass of a pipeline with the options it was given. */
export interface PipelineStep {
  readonly name: string;
  readonly options: Readonly<Record<string, PassOption>>;
}

/**
 * Reads a pipeline such as `canonicalize,fuse,count{convention=thop@2019-07, strict=true}`: names
 * of passes with options in braces. The value of an option is a number, true, false, a word or a
 * string in the quotes of JSON.
 *
 * @throws OpcounterError "pipeline-malformed" that says at which column, counted from 1.
 */
export function parsePipeline(text: string): PipelineStep[] {
  const steps: PipelineStep[] = [];
  const cursor = new Cursor(text);
  if (cursor.isAtEnd) return steps;
  do {
    const name = cursor.take(NAME, "the name of a pass");
    steps.push({ name, options: cursor.takeIf("{") ? parseOptions(cursor) : {} });
  } while (cursor.takeIf(","));
  if (!cursor.isAtEnd) throw cursor.expected('"," and another pass, or the end');
  return steps;
}

function parseOptions(cursor: Cursor): Record<string, PassOption> {
  const options = new Map<string, PassOption>();
  while (!cursor.takeIf("}")) {
    if (options.size > 0 && !cursor.takeIf(",")) throw cursor.expected('"," or "}"');
    const { column } = cursor;
    const name = cursor.take(NAME, "the name of an option");
    if (options.has(name)) throw cursor.error(`option "${name}" is given twice`, column);
    if (!cursor.takeIf("=")) throw cursor.expected(`"=" and the value of "${name}"`);
    options.set(name, parseOption(cursor));
  }
  return Object.fromEntries(options);
}

function parseOption(cursor: Cursor): PassOption {
  const { column } = cursor;
  const text = cursor.take(OPTION, "a value");
  if (text === "true" || text === "false") return text === "true";
  if (NUMBER.test(text)) return Number(text);
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    throw cursor.error(`expected a string quoted as in JSON, found ${text}`, column);
  }
}

const NAME = /[A-Za-z][A-Za-z0-9_-]*/y;
const OPTION = /"(?:[^"\\]|\\.)*"|[^\s,{}"=]+/y;
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A position in the text of a pipeline. It skips spaces. */
class Cursor {
  #at = 0;

  constructor(readonly text: string) {
    this.#skipBlanks();
  }

  get column(): number {
    return this.#at + 1;
  }

  get isAtEnd(): boolean {
    return this.#at === this.text.length;
  }

  take(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.text)?.[0];
    if (text === undefined) throw this.expected(what);
    this.#at += text.length;
    this.#skipBlanks();
    return text;
  }

  takeIf(character: string): boolean {
    if (this.text.charAt(this.#at) !== character) return false;
    this.#at++;
    this.#skipBlanks();
    return true;
  }

  expected(what: string): OpcounterError {
    const found = this.isAtEnd ? "the end" : `"${this.text.charAt(this.#at)}"`;
    return this.error(`expected ${what}, found ${found}`, this.column);
  }

  error(what: string, column: number): OpcounterError {
    return new OpcounterError(
      "pipeline-malformed",
      `The pipeline "${this.text}" is wrong at column ${column}: ${what}`,
    );
  }

  #skipBlanks(): void {
    while (/\s/.test(this.text.charAt(this.#at))) this.#at++;
  }
}
