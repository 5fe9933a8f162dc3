import { ShaderProblem } from "./problem.ts";

/** Comments, which are left as they are, and declarations of constants that pipelines give. */
const PATTERN =
  /\/\/.*|\/\*[\s\S]*?\*\/|(?:@id\s*\(\s*(\d+)[iu]?\s*,?\s*\)\s*)?\boverride\s+([\w$]+)\s*(?::\s*(\w+)\s*)?(=[^;]*)?;/gu;

/**
 * The source with `const` for every `override`, of the value that a pipeline gives, else of its own.
 * So the sizes of arrays and workgroups may be such constants.
 *
 * @param constants by the number of `@id` where an override has one, else by name.
 * @throws ShaderProblem where an override has no value, or a constant has no override.
 */
export function withConstants(source: string, constants: Readonly<Record<string, number>>): string {
  const unused = new Set(Object.keys(constants));
  const replaced = source.replaceAll(PATTERN, (text: string, ...groups: (string | undefined)[]) => {
    const [id, name, type, own] = groups;
    if (name === undefined) return text;
    const key = id ?? name;
    const given = constants[key];
    unused.delete(key);
    const value = given === undefined ? own : `= ${literal(given, type ?? typeOf(own))}`;
    if (value === undefined) {
      const line = source.slice(0, source.indexOf(text)).split("\n").length;
      throw new ShaderProblem("refused", line, `the pipeline gives "${name}" no value`);
    }
    const lines = "\n".repeat(text.split("\n").length - value.split("\n").length);
    return `const ${name}${type === undefined ? "" : `: ${type}`} ${value};${lines}`;
  });
  const [name] = unused;
  if (name === undefined) return replaced;
  throw new ShaderProblem("refused", 0, `it has no override "${name}", which the pipeline gives`);
}

/** The type of an override that names none, by the value it has. */
function typeOf(own = ""): string {
  if (/^=\s*(true|false)\s*$/.test(own)) return "bool";
  if (/\du\s*$/.test(own)) return "u32";
  return /\d(\.\d*|f|h)/.test(own) ? "f32" : "i32";
}

function literal(value: number, type: string): string {
  if (type === "bool") return value === 0 ? "false" : "true";
  if (type === "f32" || type === "f16") {
    const text = String(value);
    return /[.e]/.test(text) ? text : `${text}.0`;
  }
  return `${Math.trunc(value)}${type === "u32" ? "u" : ""}`;
}
