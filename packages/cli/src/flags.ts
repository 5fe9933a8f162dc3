/**
 * A message of the library, with options as the command line writes them. The library writes
 * `{ device: "gpu" }`, as a program does; at a terminal it is `--device gpu`.
 */
export function inFlags(message: string): string {
  return message
    .replaceAll('{ parameters: "constants" }', "--constants-as-params")
    .replaceAll(
      /\{ (\w+): (?:\[?"([^"]*)"\]?|(\d+)|true) \}/g,
      (_, name: string, text?: string, number?: string) => {
        const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
        const value = text ?? number;
        return value === undefined ? flag : `${flag} ${value}`;
      },
    );
}
