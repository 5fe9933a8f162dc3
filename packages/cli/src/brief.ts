import { shorten } from "./render/shorten.ts";

/** More characters of an option's text than this are not repeated in a message. */
const LONGEST = 100;

/**
 * A message without the middle of an option's text that is too long to be repeated: people may give
 * a file's content for its name.
 *
 * @param given what the command was given, option by option.
 */
export function brief(message: string, given: readonly string[]): string {
  const long = given.flatMap(partsOf).filter((text) => text.length > LONGEST);
  const longestFirst = long.sort((a, b) => b.length - a.length);
  return longestFirst.reduce(
    (text, part) => text.replaceAll(part, shorten(part, LONGEST)),
    message,
  );
}

/** An option's text, what is behind its first `=`, and the parts of a list: `--columns a,b`, `x=1x2:f32`. */
function partsOf(text: string): string[] {
  const value = text.slice(text.indexOf("=") + 1);
  return [text, value, ...text.split(/[=,:;]/)];
}
