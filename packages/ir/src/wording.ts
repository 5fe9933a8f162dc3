/** A number in groups of three digits, an integer with all of them: 2,834,161,664. */
export function grouped(count: number | bigint): string {
  const isInteger = typeof count === "bigint" || Number.isSafeInteger(count);
  // The locale's own way costs 16 ms at its first call.
  return isInteger
    ? String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",")
    : count.toLocaleString("en");
}

/** A count with its noun: 1 dispatch, 1,234 dispatches. */
export function counted(count: number | bigint, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${Number(count) === 1 ? one : many}`;
}

/** A text with its line breaks escaped: names may hold some, and the lines of a message are its own. */
export function onOneLine(text: string): string {
  return text.replaceAll(/[\n\r\u2028\u2029]/g, (character) =>
    JSON.stringify(character).slice(1, -1),
  );
}

/** Bytes in three or four digits: 12.25 MiB. */
export function shortBytes(bytes: number | bigint): string {
  return bytes < 1024 ? `${grouped(bytes)} B` : scaled(bytes, 1024, BYTE_SUFFIXES);
}

/** A count in three or four digits, for a column: 2.834 G. Below 10,000 it is exact. */
export function shortCount(count: number | bigint): string {
  return count < 10_000 ? grouped(count) : scaled(count, 1000, SUFFIXES);
}

const SUFFIXES = ["", " K", " M", " G", " T", " P", " E"];
const BYTE_SUFFIXES = [" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"];

function scaled(value: number | bigint, step: number, suffixes: readonly string[]): string {
  let number = Number(value);
  let index = 0;
  // Rounding decides the unit: 999,960 is 1.000 M, not 1000.0 K.
  const shown = () => Number(number.toPrecision(4));
  while (shown() >= step && index < suffixes.length - 1) {
    number /= step;
    index++;
  }
  const digits = shown() >= 100 ? 1 : shown() >= 10 ? 2 : 3;
  return `${number.toFixed(digits)}${suffixes[index]}`;
}
