import { type Integer, REPORT_QUANTITIES } from "@opcounter/counters";
import { counted, grouped, shortBytes, shortCount } from "@opcounter/ir";

/** A count in three or four digits; "–" where there is none. */
export function short(value: Integer | null): string {
  return value === null ? "–" : shortCount(value);
}

/** A number that need not be an integer: 1,234,567.5, and below 0.1 in four digits. */
export function amount(value: number | bigint): string {
  return isTiny(value) ? value.toPrecision(4) : grouped(value);
}

/** The same in three or four digits, for a column. */
export function shortAmount(value: number | bigint): string {
  return isTiny(value) ? value.toPrecision(4) : shortCount(value);
}

/** Whether three decimals, which is what other numbers have, are fewer than three digits. */
function isTiny(value: number | bigint): value is number {
  return typeof value === "number" && value > 0 && value < 0.1;
}

/** Bytes in every digit, and in three or four: 46,208 bytes (45.13 KiB). */
export function bytesInFull(value: Integer): string {
  const exact = counted(value, "byte");
  return value < 1024 ? exact : `${exact} (${shortBytes(value)})`;
}

/** A share of a whole: 12.3 %; <0.1 % below 0.05 %; empty where it is 0 or not known. */
export function percent(part: Integer | null, whole: Integer | null): string {
  if (part === null || whole === null || Number(part) === 0 || Number(whole) === 0) return "";
  const share = (100 * Number(part)) / Number(whole);
  return share < 0.05 ? "<0.1 %" : `${share.toFixed(1)} %`;
}

/** A rate in three or four digits: 12.85 GFLOP/s. */
export function rate(perSecond: number, unit: string): string {
  const prefixes = ["", "k", "M", "G", "T", "P"];
  let index = 0;
  let number = perSecond;
  while (number >= 1000 && index < prefixes.length - 1) {
    number /= 1000;
    index++;
  }
  return `${number.toPrecision(number >= 100 ? 4 : 3)} ${prefixes[index]}${unit}`;
}

/** A time: 27.06 ms, 479 µs, <1 ns; what the device's clock could not tell is "?". */
export function milliseconds(value: number | null): string {
  if (value === null) return "?";
  if (value === 0) return "0";
  if (value < 1e-6) return "<1 ns";
  if (value >= 1000) return `${(value / 1000).toPrecision(4)} s`;
  return value >= 1 ? `${value.toPrecision(4)} ms` : `${(value * 1000).toPrecision(3)} µs`;
}

/** A difference in every digit: +1,234, −1,234. */
export function signed(value: Integer): string {
  return withSign(value, grouped);
}

/** A difference as `show` writes its size, with its sign: +2.834 G, −12.25 MiB. */
export function withSign(value: Integer, show: (size: Integer) => string): string {
  return value < 0 ? `−${show(-value)}` : `+${show(value)}`;
}

/** A value in the unit of its quantity: every digit of a count or of bytes, a time in four. */
export function inUnit(value: Integer | null, unit: string): string {
  if (value === null) return "–";
  if (unit === "ms") return milliseconds(Number(value));
  return unit === "count" || unit === "bytes" ? grouped(value) : `${amount(value)} ${unit}`;
}

/** The same in three or four digits, for a column. */
export function shortInUnit(value: Integer | null, unit: string): string {
  if (value === null) return "–";
  if (unit === "bytes") return shortBytes(value);
  if (unit === "ms") return milliseconds(Number(value));
  return unit === "count" ? shortCount(value) : `${shortAmount(value)} ${unit}`;
}

/** How much more something is: +12.3 %, −4.0 %; empty where it is equal or not known. */
export function percentMore(percent: number | null): string {
  if (percent === null || percent === 0) return "";
  const size = Math.abs(percent);
  return `${percent < 0 ? "−" : "+"}${size < 0.05 ? "<0.1" : size.toFixed(1)} %`;
}

const TITLES: ReadonlyMap<string, string> = new Map(
  REPORT_QUANTITIES.map(({ name, title }) => [name, title]),
);

/** A quantity as tables write it; a cost of the user's own has its name. */
export function titleOfQuantity(name: string): string {
  return TITLES.get(name) ?? name;
}
