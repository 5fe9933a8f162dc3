import { elementAt } from "@opcounter/ir/core";
import { type Fraction, isLess, minus, over, plus, times, whole } from "./fraction.ts";

/** One term: a coefficient, and the power of each variable. */
export interface Term {
  readonly coefficient: Fraction;
  readonly powers: readonly number[];
}

/** A polynomial in named variables with exact rational coefficients, the highest powers first. */
export interface Polynomial {
  readonly variables: readonly string[];
  readonly terms: readonly Term[];
}

/**
 * The polynomial that takes given values on a grid: in each variable of a degree below the number
 * of grid points along it. Exact, in rationals.
 *
 * @param grid for each variable the places along it, all different.
 * @param valueAt the value at a point of the grid.
 */
export function interpolate(
  variables: readonly string[],
  grid: readonly (readonly number[])[],
  valueAt: (point: readonly number[]) => Fraction,
): Polynomial {
  const terms = coefficients(grid, valueAt)
    .filter(({ coefficient }) => coefficient.top !== 0n)
    .sort((a, b) => compareTerms(b, a));
  return { variables, terms };
}

/** The value at a point. It is a fraction where the point is between those that were fitted. */
export function evaluatePolynomial({ terms }: Polynomial, point: readonly number[]): Fraction {
  return terms.reduce((sum, { coefficient, powers }) => {
    const monomial = powers.reduce(
      (product, power, i) => product * BigInt(elementAt(point, i)) ** BigInt(power),
      1n,
    );
    return plus(sum, times(coefficient, whole(monomial)));
  }, whole(0n));
}

/**
 * Whether a polynomial is nowhere greater than another from a place on, in all variables. Both are
 * written in powers of the distance from that place, and compared coefficient by coefficient. Where
 * this says no, the polynomial may still be nowhere greater.
 */
export function isNowhereGreater(a: Polynomial, b: Polynomial, from: readonly number[]): boolean {
  const [left, right] = [coefficientsFrom(a, from), coefficientsFrom(b, from)];
  return [...left.keys(), ...right.keys()].every(
    (powers) => !isLess(right.get(powers) ?? whole(0n), left.get(powers) ?? whole(0n)),
  );
}

/** By powers of the distances from a place: the coefficients. */
function coefficientsFrom({ terms }: Polynomial, from: readonly number[]): Map<string, Fraction> {
  const found = new Map<string, Fraction>();
  for (const { coefficient, powers } of terms) {
    // (from + t)^power = Σ binomial(power, k) · from^(power − k) · t^k, for each variable.
    let expanded: [powers: number[], coefficient: Fraction][] = [[[], coefficient]];
    powers.forEach((power, i) => {
      expanded = expanded.flatMap(([before, factor]) =>
        Array.from({ length: power + 1 }, (_, k): [number[], Fraction] => {
          const share = binomial(power, k) * BigInt(elementAt(from, i)) ** BigInt(power - k);
          return [[...before, k], times(factor, whole(share))];
        }),
      );
    });
    for (const [distances, factor] of expanded) {
      const key = distances.join();
      found.set(key, plus(found.get(key) ?? whole(0n), factor));
    }
  }
  return found;
}

function binomial(n: number, k: number): bigint {
  let result = 1n;
  for (let i = 0; i < k; i++) result = (result * BigInt(n - i)) / BigInt(i + 1);
  return result;
}

/** `300774272·batch`, `3·batch·sequence² + 1/2·batch`. */
export function formatPolynomial({ variables, terms }: Polynomial): string {
  if (terms.length === 0) return "0";
  return terms
    .map(({ coefficient, powers }, i) => {
      const { top, bottom } = coefficient;
      const sign = top < 0n ? (i === 0 ? "−" : " − ") : i === 0 ? "" : " + ";
      const size = top < 0n ? -top : top;
      const number = bottom === 1n ? String(size) : `${size}/${bottom}`;
      const names = powers.flatMap((power, at) =>
        power === 0 ? [] : [`${variables[at]}${superscript(power)}`],
      );
      const factors = number === "1" && names.length > 0 ? names : [number, ...names];
      return sign + factors.join("·");
    })
    .join("");
}

function superscript(power: number): string {
  return power === 1 ? "" : [...String(power)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
}

/** Interpolates along the first variable, with polynomials in the others as values. */
function coefficients(
  [places, ...others]: readonly (readonly number[])[],
  valueAt: (point: readonly number[]) => Fraction,
): Term[] {
  if (places === undefined) return [{ coefficient: valueAt([]), powers: [] }];
  const rows = places.map((place) => coefficients(others, (rest) => valueAt([place, ...rest])));
  const [first = []] = rows;
  return first.flatMap(({ powers }, i) => {
    const values = rows.map((row) => elementAt(row, i).coefficient);
    return powersOf(places, values).map((coefficient, power) => ({
      coefficient,
      powers: [power, ...powers],
    }));
  });
}

/** Coefficients by ascending power: Newton's divided differences, multiplied out. */
function powersOf(places: readonly number[], values: readonly Fraction[]): Fraction[] {
  const differences = [...values];
  for (let order = 1; order < places.length; order++) {
    for (let i = places.length - 1; i >= order; i--) {
      const width = whole(BigInt(elementAt(places, i) - elementAt(places, i - order)));
      const change = minus(elementAt(differences, i), elementAt(differences, i - 1));
      differences[i] = over(change, width);
    }
  }
  let result: Fraction[] = [];
  for (let i = places.length - 1; i >= 0; i--) {
    // result · (x − places[i]) + differences[i]
    const shifted = [whole(0n), ...result];
    const root = whole(BigInt(elementAt(places, i)));
    result = shifted.map((coefficient, power) =>
      minus(coefficient, times(root, result[power] ?? whole(0n))),
    );
    result[0] = plus(elementAt(result, 0), elementAt(differences, i));
  }
  return result.slice(0, places.length);
}

/** By total degree, then by the power of the first variable that differs. */
function compareTerms(a: Term, b: Term): number {
  const degree = ({ powers }: Term) => powers.reduce((sum, power) => sum + power, 0);
  const first = a.powers.findIndex((power, i) => power !== b.powers[i]);
  if (first < 0) return 0;
  return degree(a) - degree(b) || elementAt(a.powers, first) - elementAt(b.powers, first);
}
