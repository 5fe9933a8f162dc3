import { declaredZero } from "./formula.ts";

export const stringFormulas = declaredZero("handles text, without arithmetic on numbers", [
  "StaticRegexReplace",
  "StringNGrams",
  "StringSplit",
  "StringToHashBucketFast",
]);
