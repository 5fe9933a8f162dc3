/** The readers of a graph's two written forms. Only these load zod. */
export { fromJson } from "./json/read.ts";
export { graphJsonSchema } from "./json/schema.ts";
export { parse } from "./parse/parse.ts";
export { ParseError } from "./parse/parse-error.ts";
