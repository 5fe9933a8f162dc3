import type { Graph } from "@opcounter/ir";

/**
 * Reads the text form of a graph. The reader is loaded at the first call.
 *
 * @param source what messages call the text.
 * @throws ParseError "graph-text-malformed" at the place in the text that is wrong. VerifyError
 *   "graph-invalid" where the graph breaks a rule of the IR.
 */
export async function parse(text: string, source?: string): Promise<Graph> {
  const readers = await import("@opcounter/ir/read");
  return readers.parse(text, source);
}

/**
 * Reads the JSON form of a graph. The reader is loaded at the first call.
 *
 * @param json what `JSON.parse` gives.
 * @throws OpcounterError "graph-json-invalid" or "graph-version-unsupported". VerifyError
 *   "graph-invalid" where the graph breaks a rule of the IR.
 */
export async function fromJson(json: unknown): Promise<Graph> {
  const readers = await import("@opcounter/ir/read");
  return readers.fromJson(json);
}
