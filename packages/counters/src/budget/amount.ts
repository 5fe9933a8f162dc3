import { exact, type Integer } from "../expressions/integer.ts";
import { readWrittenNumber } from "../expressions/written-number.ts";

const COUNTS: Readonly<Record<string, bigint>> = {
  ...{ "": 1n, k: 10n ** 3n, K: 10n ** 3n, M: 10n ** 6n },
  ...{ G: 10n ** 9n, B: 10n ** 9n, T: 10n ** 12n, P: 10n ** 15n },
};

const BYTES: Readonly<Record<string, bigint>> = {
  ...{ "": 1n, B: 1n, kB: 10n ** 3n, KB: 10n ** 3n, MB: 10n ** 6n, GB: 10n ** 9n, TB: 10n ** 12n },
  ...{ KiB: 2n ** 10n, MiB: 2n ** 20n, GiB: 2n ** 30n, TiB: 2n ** 40n },
};

/** The powers of ten of SI's prefixes. */
const PREFIXES: Readonly<Record<string, number>> = {
  ...{ f: -15, p: -12, n: -9, u: -6, µ: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15 },
};

/**
 * Reads an amount of a quantity: `300M` or `1e9` of a count, `1.5GiB` of bytes, `2mJ` of what is
 * measured in pJ. Without a letter it is in the quantity's own unit. Undefined for any other text.
 *
 * Of counts and bytes it is exact; what is left of one, as in `0.5`, is no whole one and falls away.
 *
 * @param unit `count`, `bytes`, `ms`, or the unit of a cost of the user's own.
 */
export function readAmount(text: string, unit: string): Integer | undefined {
  const written = readWrittenNumber(text.trim());
  if (written === undefined) return undefined;
  const { integer, decimals, exponent, letters } = written;
  if (unit === "count" || unit === "bytes") {
    const suffixes = unit === "count" ? COUNTS : BYTES;
    const factor = Object.hasOwn(suffixes, letters) ? suffixes[letters] : undefined;
    if (factor === undefined) return undefined;
    const scaled = BigInt(integer + decimals) * 10n ** BigInt(exponent) * factor;
    return exact(scaled / 10n ** BigInt(decimals.length));
  }
  const power = powerBetween(letters, unit);
  if (power === undefined) return undefined;
  // Read as one number: a product with a power of ten would be rounded twice.
  return Number(`${integer}.${decimals || "0"}e${exponent + power}`);
}

/** How many times ten the one unit is the other: 9 for mJ in pJ. Undefined where it is none. */
function powerBetween(letters: string, unit: string): number | undefined {
  if (letters === "" || letters === unit) return 0;
  for (const [prefix, base] of readings(letters)) {
    const other = readings(unit).find(([, otherBase]) => otherBase === base);
    if (other !== undefined) return (PREFIXES[prefix] ?? 0) - (PREFIXES[other[0]] ?? 0);
  }
  return undefined;
}

/** A unit as a prefix and what follows, in both ways: `mJ` is m and J; `m` is no prefix and m. */
function readings(unit: string): [prefix: string, base: string][] {
  const [first = "", ...rest] = unit;
  const isPrefixed = rest.length > 0 && Object.hasOwn(PREFIXES, first);
  return isPrefixed
    ? [
        [first, rest.join("")],
        ["", unit],
      ]
    : [["", unit]];
}

/**
 * Reads how much more something may be: `2%`, `0.5 %`, `10`. As a fraction of 1,000,000,000 parts;
 * undefined for any other text.
 */
export function readPercent(text: string): bigint | undefined {
  const [, integer, decimals = ""] = /^(\d{1,6})(?:\.(\d{1,7}))?\s*%?$/.exec(text.trim()) ?? [];
  return integer === undefined ? undefined : BigInt(integer + decimals.padEnd(7, "0"));
}

/** A value and so much more, in `readPercent`'s parts, rounded down where the value is an integer. */
export function increased(value: Integer, parts: bigint): Integer {
  const whole = 10n ** 9n;
  if (typeof value === "number" && !Number.isInteger(value)) {
    return value * (1 + Number(parts) / Number(whole));
  }
  return exact((BigInt(value) * (whole + parts)) / whole);
}
