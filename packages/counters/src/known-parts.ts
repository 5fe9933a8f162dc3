import { type ErrorCode, namesToChoose, OpcounterError } from "@opcounter/ir/core";

/**
 * Checks that what a user declares has only parts that something reads. One under another name would
 * be left out without a word: a budget would be kept, and a convention would count 0.
 *
 * @param what it, for messages: `The cost energy`.
 * @param value what may come from a file, or from a program that no compiler has checked.
 * @throws OpcounterError that names the part.
 */
export function checkParts(
  code: ErrorCode,
  what: string,
  value: unknown,
  parts: readonly string[],
): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new OpcounterError(code, `${what} is no object`, {
      remedy: `give { ${parts.join(", ")} }`,
    });
  }
  const stranger = Object.keys(value).find((name) => !parts.includes(name));
  if (stranger === undefined) return;
  throw new OpcounterError(code, `${what} has no part "${stranger}".`, {
    remedy: namesToChoose(stranger, parts),
  });
}
