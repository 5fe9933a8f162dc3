import { kernel } from "../kernel.ts";
import { boolean, integer, listOf, string } from "./attribute-types.ts";
import { same } from "./shapes.ts";

export const staticRegexReplace = kernel("StaticRegexReplace", {
  operands: { x: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { pattern: string, rewrite: string, replaceGlobal: boolean },
  infer: ({ x }) => [same(x)],
});

/** The values of the row splits decide how many n-grams there are. */
export const stringNGrams = kernel("StringNGrams", {
  operands: { data: "required", dataSplits: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: {
    separator: string,
    nGramWidths: listOf(integer),
    leftPad: string,
    rightPad: string,
    padWidth: integer,
    preserveShortSequences: boolean,
  },
  infer: () => undefined,
});

export const stringSplit = kernel("StringSplit", {
  operands: { input: "required", delimiter: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { skipEmpty: boolean },
  infer: () => undefined,
});
