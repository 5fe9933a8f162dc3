import { contractionOf, formatType } from "@opcounter/ir/core";
import { BASIC_QUANTITIES } from "../costs/cost.ts";
import { CostSum } from "../report/cost-sum.ts";
import { type Cost, type CostReport, reportToJson } from "../report/report.ts";
import type { OpSide, Reason } from "./comparison.ts";

/** A fact of an op that must be the same in both. */
interface Fact extends Pick<Reason, "what" | "name"> {
  readonly text: string;
}

/** An op, or a layer counted as a whole, as it is compared. */
export interface ComparedOp {
  readonly side: OpSide;
  readonly facts: readonly Fact[];
  /** Keys to align by, the strictest first: all facts; the kernel; what it is for. */
  readonly all: string;
  readonly role: string;
}

/** The keys that ops are aligned by. */
export const OP_KEYS = [
  ({ all }: ComparedOp) => all,
  ({ side }: ComparedOp) => side.kernel,
  ({ role }: ComparedOp) => role,
];

/** What a cost has of every op, and that does not change from run to run. */
const COSTS = [
  ...BASIC_QUANTITIES,
  "hostOps",
  "hostBytesUploaded",
] as const satisfies readonly (keyof Cost)[];

/**
 * The ops of a report in order, then the layers that are counted as a whole.
 *
 * @param known the costs of the user's own that are compared.
 */
export function comparedOps(report: CostReport, known: ReadonlySet<string>): ComparedOp[] {
  const patterns = new Map<number, string>();
  for (const { pattern, ops } of report.groups) for (const op of ops) patterns.set(op, pattern);
  const ops = report.ops.map(({ id, kernel, scope, cost, ...op }) => {
    const outputs = op.outputs.map(formatType);
    const side = { id, kernel, scope, cost };
    return comparedOp(side, known, isContraction(kernel) + outputs.join(), [
      { what: "placement", name: "", text: op.placement },
      ...Object.entries(op.inputs).map(([name, type]) => fact("operand", name, formatType(type))),
      ...outputs.map((text, place) => fact("result", String(place), text)),
      ...Object.entries(op.attrs).map(([name, value]) =>
        // As in the JSON of a report, so that one that was read back is equal.
        fact("attribute", name, reportToJson({ value }, 0).slice('{"value":'.length, -1)),
      ),
      { what: "group", name: "", text: patterns.get(id) ?? NONE },
      { what: "counting", name: "", text: op.formula.by },
    ]);
  });
  const layers = report.layers.map(({ scope, className, cost }) => {
    const kernel = `layer:${className}`;
    const side = { id: null, kernel, scope, cost: { ...NOTHING_MOVED, ...cost } };
    return comparedOp(side, known, kernel, []);
  });
  return [...ops, ...layers];
}

/** Why two ops that were aligned are not equal; empty where they are. */
export function reasonsOf(a: ComparedOp, b: ComparedOp): Reason[] {
  if (a.all === b.all) return [];
  const of = ({ facts }: ComparedOp) => new Map(facts.map((each) => [keyOf(each), each]));
  const [before, after] = [of(a), of(b)];
  return [...new Map([...before, ...after])].flatMap(([key, { what, name }]) => {
    const texts = { a: before.get(key)?.text ?? NONE, b: after.get(key)?.text ?? NONE };
    return texts.a === texts.b ? [] : [{ what, name, ...texts }];
  });
}

const NONE = "none";

/** A layer that is counted as a whole has figures, and moves nothing of its own. */
const NOTHING_MOVED = new CostSum().total();

function comparedOp(
  side: OpSide,
  known: ReadonlySet<string>,
  role: string,
  told: readonly Fact[],
): ComparedOp {
  const { kernel, cost } = side;
  const facts = [
    fact("kernel", "", kernel),
    ...told,
    ...COSTS.map((name) => fact("cost", name, String(cost[name] ?? NONE))),
    ...Object.entries(cost.costs).flatMap(([name, value]) =>
      known.has(name) ? [fact("cost", name, String(value))] : [],
    ),
  ];
  return { side, facts, role, all: JSON.stringify(facts) };
}

function fact(what: Fact["what"], name: string, text: string): Fact {
  return { what, name, text };
}

function keyOf({ what, name }: Fact): string {
  return `${what} ${name}`;
}

/** `Conv2D` and `FusedConv2D` do the same before the rest: fusing changes the kernel, not the role. */
function isContraction(kernel: string): string {
  return contractionOf(kernel) === undefined ? "" : "contraction ";
}
