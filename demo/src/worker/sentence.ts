import { OpcounterError, reasonOf } from "@opcounter/ir/core";

/**
 * An error in one sentence for the page. The library's remedies may name an option of a program;
 * the page has none, so these are left out.
 */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof OpcounterError)) return ended(reasonOf(error));
  const { code, message, sentence, remedy } = error;
  if (code === "device-unavailable") {
    return "No GPU answers this page's WebGPU; choose the virtual device, which needs none.";
  }
  return remedy?.includes("{ ") ? ended(sentence) : message;
}

function ended(sentence: string): string {
  return `${sentence.replace(/\.$/, "")}.`;
}
