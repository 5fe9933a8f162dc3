import { z } from "zod";
import { kernel } from "../kernel.ts";
import { same } from "./shapes.ts";

export const staticRegexReplace = kernel("StaticRegexReplace", {
  operands: { x: "required" },
  attrs: () =>
    z.strictObject({ pattern: z.string(), rewrite: z.string(), replaceGlobal: z.boolean() }),
  infer: ({ x }) => [same(x)],
});

/** How many n-grams there are depends on the row splits' values. */
export const stringNGrams = kernel("StringNGrams", {
  operands: { data: "required", dataSplits: "required" },
  attrs: () =>
    z.strictObject({
      separator: z.string(),
      nGramWidths: z.array(z.int()),
      leftPad: z.string(),
      rightPad: z.string(),
      padWidth: z.int(),
      preserveShortSequences: z.boolean(),
    }),
  infer: () => undefined,
});

export const stringSplit = kernel("StringSplit", {
  operands: { input: "required", delimiter: "required" },
  attrs: () => z.strictObject({ skipEmpty: z.boolean() }),
  infer: () => undefined,
});
