/**
 * A mistake the person who runs opcounter can mend: bad input, a missing file, a wrong shape.
 * Its message is whole sentences that say what is wrong, where, and what to do; programs print it
 * without a stack trace.
 */
export class UserError extends Error {
  override name = "UserError";
}

/**
 * A check that was asked for failed: what was given is well formed, and not as the check demands.
 * Programs end with another status than for a mistake.
 */
export class CheckError extends UserError {
  override name = "CheckError";
}

/** Why other people's code failed, on one line: an error's message, or whatever was thrown instead. */
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
