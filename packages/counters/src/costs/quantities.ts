import type { OpcounterError } from "@opcounter/ir/core";
import type { FractionSymbols } from "../expressions/evaluate.ts";
import { numberOfFraction } from "../expressions/fraction.ts";
import { type Arithmetic, CostSum, NO_TRAFFIC, type Traffic } from "../report/cost-sum.ts";
import { BASIC_QUANTITIES, type Quantities } from "./cost.ts";
import type { CostValues } from "./values.ts";

/** What a cost may use of something. */
export interface KnownQuantities {
  /** For expressions. What the convention does not count is not there. */
  readonly symbols: FractionSymbols;
  /** For functions. To read what the convention does not count throws. */
  readonly numbers: Quantities;
}

/** Something that has been counted: an op, or what a rule counts whole, which moves nothing itself. */
interface Counted {
  readonly arithmetic: Arithmetic;
  readonly traffic?: Traffic;
}

/**
 * The quantities of something.
 *
 * @param counted what it is made of.
 * @param costs what is known of its costs.
 * @param uncounted makes the error for a quantity that the convention does not count.
 */
export function quantitiesOf(
  counted: readonly Counted[],
  costs: CostValues,
  uncounted: (quantity: string) => OpcounterError,
): KnownQuantities {
  const sum = new CostSum();
  for (const { arithmetic, traffic = NO_TRAFFIC } of counted) sum.add(arithmetic, traffic);
  const total = sum.total();
  const symbols: Record<string, FractionSymbols[string]> = Object.fromEntries(costs);
  const numbers: Record<string, number | bigint> = {};
  for (const [name, value] of costs) numbers[name] = numberOfFraction(value);
  for (const name of BASIC_QUANTITIES) {
    const value = total[name];
    if (value === null) {
      const get = () => {
        throw uncounted(name);
      };
      Object.defineProperty(numbers, name, { get });
    } else {
      symbols[name] = value;
      numbers[name] = value;
    }
  }
  // Sound: each basic quantity is there, if only to throw.
  return { symbols, numbers: numbers as Quantities };
}
