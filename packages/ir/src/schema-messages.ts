import { en } from "zod/locales";
import type { core } from "zod/mini";

let english: core.$ZodErrorMap | undefined;

/**
 * What a schema's `safeParse` is given so that its messages are English sentences: zod/mini brings
 * no language of its own, and setting zod's global one would be seen by the whole program.
 */
export function inEnglish(): { readonly error: core.$ZodErrorMap } {
  english ??= en().localeError;
  return { error: english };
}
