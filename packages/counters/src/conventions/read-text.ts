import { OpcounterError, reasonOf, similarName } from "@opcounter/ir/core";
import { type Expression, parseExpression, symbolsIn } from "../expressions/expression.ts";
import { isNeverNegative } from "../expressions/non-negative.ts";
import { factsOf } from "../formulas/legend.ts";

/**
 * Reads the text that a convention, or a cost, counts something by.
 *
 * @param whose the convention, for messages: `The convention adds@1`.
 * @param of the kernel, layer class or pattern that is counted.
 * @param known the symbols that the text may use.
 * @throws OpcounterError where the text cannot be read, has another symbol, or may be negative.
 */
export function readText(
  whose: string,
  of: string,
  text: string,
  known: ReadonlySet<string>,
): Expression {
  // A plugin's definition may be one that no compiler has checked.
  if (typeof text !== "string") {
    throw new OpcounterError("expression-invalid", `${whose} counts ${of} by ${text}`, {
      remedy: 'write the expression as text, such as "2 * M"',
    });
  }
  const expression = parse(whose, of, text);
  const unknown = [...symbolsIn(expression)].find((name) => !known.has(name));
  if (unknown !== undefined) {
    // One letter is near to any other.
    const hint = unknown.length > 1 ? similarName(unknown, known) : undefined;
    const all = `It has ${[...known].join(", ")}.`;
    throw new OpcounterError(
      "expression-invalid",
      `${whose} counts ${of} by "${text}", and ${of} has no symbol ${unknown}.`,
      { remedy: hint === undefined ? all : `${hint} ${all}` },
    );
  }
  // Where rows and their elements are known, N is their product.
  const hasRows = known.has("R") && known.has("F");
  const facts = (name: string) =>
    name === "N" && hasRows ? { ...factsOf(name), product: ["R", "F"] } : factsOf(name);
  if (!isNeverNegative(expression, facts)) {
    throw new OpcounterError(
      "expression-invalid",
      `${whose} counts ${of} by "${text}", which can be negative`,
      { remedy: `write max(${text}, 0), or mend the text` },
    );
  }
  return expression;
}

function parse(whose: string, of: string, text: string): Expression {
  try {
    return parseExpression(text);
  } catch (error) {
    throw new OpcounterError(
      "expression-invalid",
      `${whose} cannot count ${of}: ${reasonOf(error)}.`,
    );
  }
}
