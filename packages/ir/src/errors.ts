/**
 * A mistake the person who runs opcounter can mend: bad input, a missing file, a wrong shape.
 * Its message is whole sentences that say what is wrong, where, and what to do; programs print it
 * without a stack trace.
 */
export class UserError extends Error {
  override name = "UserError";
}
