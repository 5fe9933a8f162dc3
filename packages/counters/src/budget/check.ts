import { namesToChoose, OpcounterError } from "@opcounter/ir/core";
import { type Integer, minus } from "../expressions/integer.ts";
import { checkParts } from "../known-parts.ts";
import type { CostReport, ScopeRow } from "../report/report.ts";
import { quantitiesOfReports, type ReportQuantity } from "../report/report-quantities.ts";
import { scopePattern } from "../rules/scope-pattern.ts";
import { increased, readAmount, readPercent } from "./amount.ts";
import type { Budget, BudgetLimits, CheckResult, LimitResult } from "./budget.ts";

const PARTS = Object.keys({
  ...{ max: true, scopes: true, baseline: true, maxIncrease: true, strict: true },
} satisfies Record<keyof Budget, true>);

/**
 * Checks whether a report keeps to a budget.
 *
 * @throws OpcounterError "budget-invalid" where it has a part that is none, a limit cannot be read or
 *   names no quantity, or a scope pattern matches no scope; "quantity-uncounted" where the convention does not count it.
 */
export function check(report: CostReport, budget: Budget): CheckResult {
  checkParts("budget-invalid", "The budget", budget, PARTS);
  const { max = {}, scopes = {}, strict = false } = budget;
  const quantities = quantitiesOfReports([report]);
  const limits = [
    ...readLimits(max, quantities).map(({ quantity, limit }) =>
      limitResult("max", quantity, null, counted(report, quantity, quantity.of(report)), limit),
    ),
    ...Object.entries(scopes).flatMap(([pattern, ofScope]) =>
      scopeResults(report, pattern, readLimits(ofScope, quantities)),
    ),
    ...baselineResults(report, budget),
  ];
  const refusals = strict ? (report.recorded?.refusals ?? []) : [];
  const uncounted = strict ? report.uncounted : [];
  const isKept = limits.every(({ exceededBy }) => exceededBy === null);
  return {
    schemaVersion: 1,
    model: report.model,
    convention: report.convention,
    passed: isKept && refusals.length === 0 && uncounted.length === 0,
    ...{ limits, refusals, uncounted },
  };
}

/** A limit that has been read, in the quantity's unit. */
export interface ReadLimit {
  readonly quantity: ReportQuantity;
  readonly limit: Integer;
}

/**
 * Reads limits.
 *
 * @throws OpcounterError "budget-invalid" where one names no quantity, or is no amount of it.
 */
export function readLimits(
  limits: BudgetLimits,
  quantities: readonly ReportQuantity[],
): ReadLimit[] {
  // Of a number there are no entries, and a budget without limits is kept.
  if (typeof limits !== "object" || limits === null) {
    throw new OpcounterError("budget-invalid", `"${limits}" is no limits`, {
      remedy: 'give them by quantity, such as { macs: "300M" }',
    });
  }
  return Object.entries(limits).map(([name, given]) => {
    const quantity = quantities.find((each) => each.name === name);
    if (quantity === undefined) {
      const names = quantities.map((each) => each.name);
      throw new OpcounterError("budget-invalid", `There is no quantity "${name}" to limit.`, {
        remedy: namesToChoose(name, names),
      });
    }
    const limit = typeof given === "string" ? readAmount(given, quantity.unit) : given;
    // What is no number compares as one: null as 0.
    const isAmount = typeof limit === "number" || typeof limit === "bigint";
    if (isAmount && limit >= 0) return { quantity, limit };
    throw new OpcounterError("budget-invalid", `"${given}" is no limit for ${quantity.name}`, {
      remedy: `write one such as ${exampleOf(quantity.unit)}`,
    });
  });
}

function exampleOf(unit: string): string {
  if (unit === "count") return "300M, 3.6M or 1e9";
  return unit === "bytes" ? "64MiB, 1.5GiB or 500kB" : `2${unit}`;
}

/** @throws OpcounterError where the pattern matches no scope, or a scope has no such quantity. */
function scopeResults(
  report: CostReport,
  pattern: string,
  limits: readonly ReadLimit[],
): LimitResult[] {
  const rows = scopesOf(report, pattern);
  if (rows.length === 0) {
    throw new OpcounterError("budget-invalid", `No scope of ${report.model} matches "${pattern}"`, {
      remedy: "opcounter profile lists the scopes",
    });
  }
  return rows.flatMap((row) =>
    limits.map(({ quantity, limit }) => {
      if (quantity.ofScope === undefined) {
        throw new OpcounterError("budget-invalid", `A scope has no ${quantity.name} of its own`, {
          remedy: "limit that of the whole",
        });
      }
      const value = counted(report, quantity, quantity.ofScope(row));
      return limitResult("max", quantity, row.scope, value, limit);
    }),
  );
}

/** The outermost scopes that a pattern matches; it takes in what is inside them. */
function scopesOf({ byScope }: CostReport, pattern: string): ScopeRow[] {
  const isMatched = scopePattern(pattern);
  const matched = byScope.filter(({ scope }) => scope !== "" && isMatched(scope.split("/")));
  const paths = new Set(matched.map(({ scope }) => scope));
  return matched.filter(({ scope }) => !paths.has(scope.split("/").slice(0, -1).join("/")));
}

/**
 * @throws OpcounterError where the baseline counts by another convention, has what the report lacks,
 *   or has no increase.
 */
function baselineResults(report: CostReport, { baseline, maxIncrease }: Budget): LimitResult[] {
  if (baseline === undefined && maxIncrease === undefined) return [];
  if (baseline === undefined || maxIncrease === undefined) {
    throw new OpcounterError("budget-invalid", "A baseline and an increase go together", {
      remedy: "give both, such as report.json and 2%",
    });
  }
  if (baseline.convention !== report.convention) {
    throw new OpcounterError(
      "reports-incomparable",
      `${report.model} is counted by ${report.convention}, and the baseline by ${baseline.convention}`,
      { remedy: "count both by the same convention" },
    );
  }
  const parts = readIncrease(maxIncrease);
  return quantitiesOfReports([baseline]).flatMap((quantity) => {
    const [before, value] = [quantity.of(baseline), quantity.of(report)];
    // Times differ from run to run.
    if (quantity.unit === "ms" || before === null) return [];
    if (value !== null)
      return [limitResult("baseline", quantity, null, value, increased(before, parts))];
    throw new OpcounterError(
      "reports-incomparable",
      `The baseline has ${quantity.name} (${quantity.unit}), and the report of ${report.model} does not`,
      { remedy: "count both with the same plugins" },
    );
  });
}

/**
 * Reads how much more than a baseline there may be, in parts; see `readPercent`.
 *
 * @throws OpcounterError "budget-invalid" where it is no percentage.
 */
export function readIncrease(maxIncrease: string | number): bigint {
  const parts = readPercent(String(maxIncrease));
  if (parts !== undefined) return parts;
  throw new OpcounterError("budget-invalid", `"${maxIncrease}" is no increase`, {
    remedy: "write one such as 2%",
  });
}

/** @throws OpcounterError where the value is null: a limit of it would never be exceeded. */
function counted(
  { convention }: CostReport,
  { name, unit }: ReportQuantity,
  value: Integer | null,
): Integer {
  if (value !== null) return value;
  throw unit === "ms"
    ? new OpcounterError("budget-invalid", `${name} is limited, and no time was measured`, {
        remedy: "measure it: { time: true }",
      })
    : new OpcounterError(
        "quantity-uncounted",
        `${name} is limited, and ${convention} does not count it`,
        { remedy: "count by native" },
      );
}

function limitResult(
  from: LimitResult["from"],
  { name: quantity, unit }: ReportQuantity,
  scope: string | null,
  value: Integer,
  limit: Integer,
): LimitResult {
  const exceededBy = value > limit ? minus(value, limit) : null;
  const percent =
    exceededBy === null || Number(limit) === 0 ? null : (100 * Number(exceededBy)) / Number(limit);
  return { from, quantity, unit, scope, value, limit, exceededBy, percent };
}
