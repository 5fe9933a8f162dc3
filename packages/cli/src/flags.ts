/**
 * A message of the library in the command line's words. The library names an option as a program
 * gives it, `{ device: "gpu" }`; a person at a terminal gives `--device gpu`.
 */
export function inFlags(message: string): string {
  return message.replaceAll(
    /\{ (\w+): (?:"([^"]*)"|true) \}/g,
    (_, name: string, value?: string) => {
      const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return value === undefined ? flag : `${flag} ${value}`;
    },
  );
}
