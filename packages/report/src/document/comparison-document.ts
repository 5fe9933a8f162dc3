import {
  type ChangeKind,
  COMPARED_COSTS,
  type ComparedReport,
  type Comparison,
  type Cost,
  changeOf,
  type Integer,
  type OpChange,
  opKinds,
  type QuantityChange,
  REPORT_QUANTITIES,
  type ScopeChange,
  whyOf,
} from "@opcounter/counters";
import { amount } from "./counts.ts";
import type { Amount } from "./document.ts";

/** What the page shows of two reports: what differs between them, as plain JSON. */
export interface ComparisonDocument {
  readonly kind: "opcounter-comparison";
  readonly version: 1;
  readonly a: ComparedReport;
  readonly b: ComparedReport;
  /** Every total that one of the two has, also those that are equal. */
  readonly totals: readonly TotalChange[];
  /** The passes that lie between a and b, each with its changes, one per element of `totals`. */
  readonly passes: readonly { readonly pass: string; readonly deltas: Deltas }[];
  /** What scopes and ops have a change of: the columns of their `deltas`. */
  readonly quantities: readonly ComparedQuantity[];
  /** Scopes that are not equal; parents before what is inside them. */
  readonly scopes: readonly ChangedScope[];
  /** Ops that are not equal, together where they differ in the same way; the most first. */
  readonly kinds: readonly ChangedKind[];
  readonly equal: { readonly scopes: number; readonly ops: number };
}

/** How much more b has than a, one element per quantity; null where it is not known. */
export type Deltas = readonly (Amount | null)[];

export interface ComparedQuantity {
  /** `macs`, `peakMemory`, or a cost of the user's own. */
  readonly id: string;
  readonly title: string;
  /** `count`, `bytes`, `ms`, or the unit of a cost of the user's own. */
  readonly unit: string;
}

export interface TotalChange extends ComparedQuantity {
  readonly a: Amount | null;
  readonly b: Amount | null;
  readonly delta: Amount | null;
  /** 100·delta/a; null where there is no delta, and where a is 0. */
  readonly percent: number | null;
}

export interface ChangedScope {
  readonly change: ChangeKind;
  /** Its path in a and in b; null where it is not there. */
  readonly a: string | null;
  readonly b: string | null;
  /** The changed scope around it, as an index in `scopes`; −1 for the outermost. */
  readonly parent: number;
  readonly deltas: Deltas;
}

export interface ChangedKind {
  readonly change: ChangeKind;
  readonly kernel: string;
  /** What differs, without shapes; empty where the ops were added or removed. */
  readonly why: string;
  readonly ops: readonly ChangedOp[];
}

export interface ChangedOp {
  /** Its id in b, or in a where it was removed; null for a layer that is counted as a whole. */
  readonly id: number | null;
  readonly scope: string;
  /** What differs, with shapes. */
  readonly why: string;
  readonly deltas: Deltas;
}

/** What one pass changed. */
export interface PassTotals {
  readonly pass: string;
  readonly totals: readonly QuantityChange[];
}

/**
 * The document that the page shows of a comparison, as plain JSON.
 *
 * @param passes what each of the passes between a and b changed, in order. Default: none.
 */
export function comparisonDocument(
  { a, b, totals, scopes, ops, equal }: Comparison,
  passes: readonly PassTotals[] = [],
): ComparisonDocument {
  const known = totals.filter((total) => total.a !== null || total.b !== null);
  const measures = [...BASIC_MEASURES, ...ownMeasures(totals)];
  const deltas = (of: (measure: Measure) => Integer | null) =>
    measures.map((measure) => orNull(of(measure)));
  return {
    ...{ kind: "opcounter-comparison", version: 1, a, b, equal },
    totals: known.map(totalChange),
    passes: passes.map(({ pass, totals }) => ({
      pass,
      deltas: known.map(({ quantity }) =>
        orNull(totals.find((each) => each.quantity === quantity)?.delta ?? null),
      ),
    })),
    quantities: measures.map(({ id, title, unit }) => ({ id, title, unit })),
    scopes: withParents(scopes).map(({ change, a, b, parent, costs }) => {
      return { change, a, b, parent, deltas: deltas(({ ofScope }) => ofScope(costs)) };
    }),
    kinds: opKinds(ops).map(({ change, kernel, why, ops }) => ({
      ...{ change, kernel, why },
      ops: ops.map((op) => ({
        id: (op.b ?? op.a)?.id ?? null,
        scope: (op.b ?? op.a)?.scope ?? "",
        why: whyOf(op),
        deltas: deltas(({ ofOp }) => ofOp(op)),
      })),
    })),
  };
}

/** A quantity whose change scopes and ops have. */
interface Measure extends ComparedQuantity {
  readonly ofScope: (costs: ScopeChange["costs"]) => Integer | null;
  readonly ofOp: (op: OpChange) => Integer | null;
}

const BASIC_MEASURES: readonly Measure[] = [
  {
    ...{ id: "params", title: "params", unit: "count" },
    ofScope: ({ a, b }) => changeOf(a?.params, b?.params),
    // A weight may be of several ops.
    ofOp: () => null,
  },
  ...COMPARED_COSTS.map(({ name, title, unit }) =>
    measure(name, title, unit, (cost) => cost?.[name]),
  ),
  {
    ...{ id: "ops", title: "ops", unit: "count" },
    ofScope: ({ a, b }) => changeOf(a?.ops, b?.ops),
    ofOp: ({ a, b }) => opsOf(b) - opsOf(a),
  },
];

/** 1 for an op; 0 for a layer that is counted as a whole, whose ops are there, too. */
function opsOf(side: OpChange["a"]): number {
  return side === null || side.id === null ? 0 : 1;
}

/** The costs of the user's own that both reports have. */
function ownMeasures(totals: readonly QuantityChange[]): Measure[] {
  const builtIn = new Set(REPORT_QUANTITIES.map(({ name }) => name));
  return totals
    .filter(({ quantity, delta }) => !builtIn.has(quantity) && delta !== null)
    .map(({ quantity, unit }) =>
      measure(quantity, quantity, unit, (cost) => cost?.costs[quantity]),
    );
}

function measure(
  id: string,
  title: string,
  unit: string,
  of: (cost: Cost | undefined) => Integer | null | undefined,
): Measure {
  return {
    ...{ id, title, unit },
    ofScope: ({ a, b }) => changeOf(of(a ?? undefined), of(b ?? undefined)),
    ofOp: ({ a, b }) => changeOf(of(a?.cost), of(b?.cost)),
  };
}

const TITLES = new Map(REPORT_QUANTITIES.map(({ name, title }) => [name, title]));

function totalChange({ quantity, unit, a, b, delta, percent }: QuantityChange): TotalChange {
  return {
    ...{ id: quantity, title: TITLES.get(quantity) ?? quantity, unit, percent },
    ...{ a: orNull(a), b: orNull(b), delta: orNull(delta) },
  };
}

function orNull(value: Integer | null): Amount | null {
  return value === null ? null : amount(value);
}

/** Each scope with the last one before it that is less deep. */
function withParents(scopes: readonly ScopeChange[]): (ScopeChange & { parent: number })[] {
  const around: { readonly index: number; readonly depth: number }[] = [];
  return scopes.map((scope, index) => {
    while ((around.at(-1)?.depth ?? 0) >= scope.depth) around.pop();
    const parent = around.at(-1)?.index ?? -1;
    around.push({ index, depth: scope.depth });
    return { ...scope, parent };
  });
}
