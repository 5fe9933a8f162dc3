/**
 * A mistake that the user can correct: bad input, a missing file, a wrong shape. The message says
 * in whole sentences what is wrong, where, and what to do. Programs print it without a stack trace.
 */
export class UserError extends Error {
  override name = "UserError";
}

/**
 * A check that the user asked for failed. The input is well formed, but not what the check
 * requires. The command line exits with another status than for a mistake.
 */
export class CheckError extends UserError {
  override name = "CheckError";
}

/**
 * Why the user's own code failed, on one line: the message of the error, or what was thrown
 * instead.
 */
export function reasonOf(thrown: unknown): string {
  return textOf(thrown)
    .trim()
    .replaceAll(/\s*[\r\n]\s*/g, " ");
}

function textOf(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return thrown.message || thrown.name;
    return typeof thrown === "object" ? JSON.stringify(thrown) : String(thrown);
  } catch {
    return "what was thrown cannot be shown";
  }
}
