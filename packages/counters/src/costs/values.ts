import { type Fraction, larger, plus, whole } from "../expressions/fraction.ts";

/** What something costs, by the cost's name. */
export type CostValues = ReadonlyMap<string, Fraction>;

/** How the values of a cost are joined. */
export interface Joined {
  readonly name: string;
  readonly total: "sum" | "max";
}

/** Joins values of each cost, as the cost says: by their sum, or to the largest. */
export class CostTotals {
  readonly #costs: ReadonlyMap<string, Joined>;
  readonly #values: Map<string, Fraction>;

  constructor(costs: readonly Joined[]) {
    this.#costs = new Map(costs.map((cost) => [cost.name, cost]));
    this.#values = new Map(costs.map(({ name }) => [name, whole(0n)]));
  }

  /** Takes in a value of a cost; one of another cost is left out. */
  add(name: string, value: Fraction): void {
    const [cost, before] = [this.#costs.get(name), this.#values.get(name)];
    if (cost === undefined || before === undefined) return;
    this.#values.set(name, cost.total === "sum" ? plus(before, value) : larger(before, value));
  }

  /** Takes in all that others joined. */
  addAll(others: CostTotals): void {
    for (const [name, value] of others.#values) this.add(name, value);
  }

  get values(): CostValues {
    return this.#values;
  }
}
