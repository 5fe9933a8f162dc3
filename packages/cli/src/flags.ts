/**
 * A message of the library in the command line's words. The library names an option as a program
 * gives it, `{ device: "gpu" }`; a person at a terminal gives `--device gpu`.
 */
export function inFlags(message: string): string {
  return message.replaceAll(
    /\{ (\w+): (?:\[?"([^"]*)"\]?|(\d+)|true) \}/g,
    (_, name: string, text?: string, number?: string) => {
      const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      const value = text ?? number;
      return value === undefined ? flag : `${flag} ${value}`;
    },
  );
}
