import { en } from "zod/locales";
import type { core } from "zod/mini";

let english: core.$ZodErrorMap | undefined;

/**
 * The second argument of a schema's `safeParse`, which makes its messages English. zod/mini has no
 * messages by default. zod's global setting would change the messages of the whole program.
 */
export function inEnglish(): { readonly error: core.$ZodErrorMap } {
  english ??= en().localeError;
  return { error: english };
}
