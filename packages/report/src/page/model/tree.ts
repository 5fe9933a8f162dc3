import type { Family } from "../../document/document.ts";
import { toNumber } from "../format.ts";
import type { Quantity } from "./quantities.ts";
import type { ReportModel } from "./report-model.ts";

/** A scope, an op, or what else adds to a total, with its amount of one quantity. */
export interface TreeNode {
  readonly kind: "scope" | "op" | "whole" | "rest";
  /** The scope or the op; of a whole its scope. */
  readonly index: number;
  readonly name: string;
  /** The sum of what is inside. */
  readonly value: number;
  /** The family that has most of the value. */
  readonly family: Family;
  readonly children: readonly TreeNode[];
}

/** Everything that has some of a quantity, by scope and in order of execution. */
export class Tree {
  readonly root: TreeNode;
  readonly #scopes = new Map<number, TreeNode>();

  constructor(model: ReportModel, quantity: Quantity, conventionIndex: number) {
    const wholes = new Map<number, TreeNode[]>();
    for (const whole of model.convention(conventionIndex).wholes) {
      const value = toNumber(quantity.ofWhole(whole));
      if (value <= 0) continue;
      const { scope, label } = whole;
      const node: TreeNode = {
        ...{ kind: "whole", index: scope, name: label, value },
        ...{ family: "contraction", children: [] },
      };
      wholes.set(scope, [...(wholes.get(scope) ?? []), node]);
    }
    const visit = (scope: number): TreeNode => {
      const inner = (model.childScopes[scope] ?? [])
        .map((child) => [model.firstOp[child] ?? 0, visit(child)] as const)
        .filter(([, { value }]) => value > 0);
      const ops = (model.directOps[scope] ?? []).flatMap((op) => {
        const value = toNumber(quantity.ofOp(op));
        if (value <= 0) return [];
        const { name, family } = model.kernel(op);
        const node: TreeNode = { kind: "op", index: op, name, value, family, children: [] };
        return [[op, node] as const];
      });
      const inOrder = [...inner, ...ops].sort(([a], [b]) => a - b).map(([, node]) => node);
      const children = [...inOrder, ...(wholes.get(scope) ?? [])];
      if (scope === 0 && quantity.rest > 0) children.push(rest(quantity.rest));
      const node = scopeNode(scope, model.scopeName(scope), children);
      this.#scopes.set(scope, node);
      return node;
    };
    this.root = visit(0);
  }

  /** A scope's node; undefined where it has nothing of the quantity. */
  scope(scope: number): TreeNode | undefined {
    return this.#scopes.get(scope);
  }
}

function rest(value: number): TreeNode {
  return { kind: "rest", index: 0, name: "used by no op", value, family: "other", children: [] };
}

function scopeNode(index: number, name: string, children: readonly TreeNode[]): TreeNode {
  const byFamily = new Map<Family, number>();
  let value = 0;
  for (const child of children) {
    value += child.value;
    byFamily.set(child.family, (byFamily.get(child.family) ?? 0) + child.value);
  }
  const [most] = [...byFamily].sort(([, a], [, b]) => b - a);
  return { kind: "scope", index, name, value, family: most?.[0] ?? "other", children };
}

/** The families of all that is inside. */
export function familiesIn(node: TreeNode): Family[] {
  return node.children.length === 0 ? [node.family] : node.children.flatMap(familiesIn);
}
