import { grouped, shortBytes, shortCount } from "@opcounter/ir/core";
import type { Amount } from "../document/document.ts";

/** What the numbers of a quantity are. Any other unit is one of the user's own. */
export type Unit = "count" | "bytes" | "ms" | (string & {});

/** An exact amount as a number, which past 2^53 is rounded: for lengths, areas and orders. */
export function toNumber(amount: Amount | null): number {
  return amount === null ? 0 : Number(amount);
}

/** The sum of amounts, exact where they are integers. */
export function sumOf(amounts: Iterable<Amount>): Amount {
  let sum = 0;
  let big = 0n;
  for (const amount of amounts) {
    const isBig = typeof amount === "string" || Math.abs(sum + amount) > Number.MAX_SAFE_INTEGER;
    if (isBig && Number.isInteger(Number(amount))) big += BigInt(amount);
    else sum += Number(amount);
  }
  if (big === 0n) return sum;
  return Number.isInteger(sum) ? String(big + BigInt(sum)) : Number(big) + sum;
}

/** Every digit: 2,834,161,664; 12.5 ms; a unit of the user's own after its number. */
export function exactly(amount: Amount | null, unit: Unit): string {
  if (amount === null) return "not counted";
  switch (unit) {
    case "count":
      return digits(amount);
    case "bytes":
      return `${digits(amount)} B`;
    case "ms":
      return `${Number(amount)} ms`;
    default:
      return `${digits(amount)} ${unit}`.trim();
  }
}

/** Three or four digits: 2.834 G, 30.76 MiB, 479.2 µs; "–" where there is no figure. */
export function shortly(amount: Amount | null, unit: Unit): string {
  if (amount === null) return "–";
  const number = Number(amount);
  switch (unit) {
    case "count":
      return shortCount(number);
    case "bytes":
      return shortBytes(number);
    case "ms":
      return milliseconds(number);
    default:
      return `${number !== 0 && number < 10_000 ? trimmed(number) : shortCount(number)} ${unit}`;
  }
}

/** How much more something is, in three or four digits: +2.834 G, −12.25 MiB, 0; "–" if unknown. */
export function shortChange(delta: Amount | null, unit: Unit): string {
  return change(delta, (size) => shortly(size, unit));
}

/** The same in every digit. */
export function exactChange(delta: Amount | null, unit: Unit): string {
  return change(delta, (size) => exactly(size, unit));
}

function change(delta: Amount | null, show: (size: Amount) => string): string {
  if (delta === null) return "–";
  if (Number(delta) === 0) return "0";
  const size = typeof delta === "string" ? delta.replace("-", "") : Math.abs(delta);
  return Number(delta) < 0 ? `−${show(size)}` : `+${show(size)}`;
}

/** How much more in percent: +12.3 %, −4.0 %; empty where it is 0 or not known. */
export function percentMore(percent: number | null): string {
  if (percent === null || percent === 0) return "";
  const size = Math.abs(percent);
  return `${percent < 0 ? "−" : "+"}${size < 0.05 ? "<0.1" : size.toFixed(1)} %`;
}

/** A share of a whole: 12.3 %; <0.1 % below 0.05 %; empty where the whole is 0. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return "";
  if (part === 0) return "0 %";
  const share = (100 * part) / whole;
  return share < 0.05 ? "<0.1 %" : `${share.toFixed(1)} %`;
}

export function milliseconds(ms: number): string {
  if (ms === 0) return "0 ms";
  if (ms < 1e-6) return "<1 ns";
  if (ms >= 1000) return `${(ms / 1000).toPrecision(4)} s`;
  return ms >= 1 ? `${ms.toPrecision(4)} ms` : `${(ms * 1000).toPrecision(3)} µs`;
}

/** A rate in three digits: 12.9 GFLOP/s. */
export function rate(perSecond: number, unit: string): string {
  return `${shortCount(Number(perSecond.toPrecision(3)))}${unit}`;
}

function digits(amount: Amount): string {
  if (typeof amount === "string") return grouped(BigInt(amount));
  return Number.isInteger(amount) ? grouped(amount) : trimmed(amount);
}

/** Four digits of what is no integer, without zeros at the end. */
function trimmed(number: number): string {
  return Number.isInteger(number) ? grouped(number) : String(Number(number.toPrecision(4)));
}
