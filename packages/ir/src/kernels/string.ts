import { kernel } from "../kernel.ts";
import { same } from "./shapes.ts";

export const staticRegexReplace = kernel("StaticRegexReplace", {
  operands: { x: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) =>
    a.strictObject({ pattern: a.string(), rewrite: a.string(), replaceGlobal: a.boolean() }),
  infer: ({ x }) => [same(x)],
});

/** The values of the row splits decide how many n-grams there are. */
export const stringNGrams = kernel("StringNGrams", {
  operands: { data: "required", dataSplits: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) =>
    a.strictObject({
      separator: a.string(),
      nGramWidths: a.array(a.int()),
      leftPad: a.string(),
      rightPad: a.string(),
      padWidth: a.int(),
      preserveShortSequences: a.boolean(),
    }),
  infer: () => undefined,
});

export const stringSplit = kernel("StringSplit", {
  operands: { input: "required", delimiter: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject({ skipEmpty: a.boolean() }),
  infer: () => undefined,
});
