import type { ReportModel } from "./report-model.ts";

/** What the graph shows as one box: a scope, an op, or a run of siblings where there are many. */
export interface Fold {
  readonly id: string;
  readonly kind: "scope" | "op" | "run";
  /** The scope or the op; of a run, its scope. */
  readonly index: number;
  readonly name: string;
  readonly parent: Fold | undefined;
  readonly depth: number;
  readonly children: readonly Fold[];
}

/** Layouts take longer than their parts: no box has more parts than this. */
const MOST_PARTS = 48;
/** The boxes that are shown at first, at most. */
const SHOWN_AT_FIRST = 60;

/** The boxes of a graph, one in another. */
export class Folding {
  readonly root: Fold;
  /** By op. */
  readonly #folds: Fold[] = [];
  readonly #scopes = new Map<number, Fold>();

  constructor(model: ReportModel) {
    const scopeFold = (scope: number, parent: Fold | undefined): Fold => {
      const children: Fold[] = [];
      const fold: Fold = {
        ...{ id: `s${scope}`, kind: "scope", index: scope, name: model.scopeName(scope) },
        ...{ parent, depth: parent === undefined ? 0 : parent.depth + 1, children },
      };
      this.#scopes.set(scope, fold);
      const inside = [
        ...(model.childScopes[scope] ?? []).map((child) => ({
          at: model.firstOp[child] ?? 0,
          make: (around: Fold) => scopeFold(child, around),
        })),
        ...(model.directOps[scope] ?? []).map((op) => ({
          at: op,
          make: (around: Fold) => this.#opFold(model, op, around),
        })),
      ].filter(({ at }) => Number.isFinite(at));
      inside.sort((a, b) => a.at - b.at);
      children.push(...inRuns(fold, inside));
      return fold;
    };
    this.root = scopeFold(0, undefined);
  }

  ofOp(op: number): Fold | undefined {
    return this.#folds[op];
  }

  ofScope(scope: number): Fold | undefined {
    return this.#scopes.get(scope);
  }

  /** The boxes to unfold at first: level by level, as long as a person sees what there is. */
  atFirst(): Set<string> {
    const unfolded = new Set([this.root.id]);
    let shown = this.root.children.length;
    let level = this.root.children;
    for (;;) {
      // A scope that holds nothing but ops is a layer, which says enough by its name.
      const inner = level.filter(({ children }) => children.some(({ kind }) => kind !== "op"));
      level = inner.flatMap(({ children }) => children);
      shown += level.length;
      if (inner.length === 0 || shown > SHOWN_AT_FIRST) return unfolded;
      for (const { id } of inner) unfolded.add(id);
    }
  }

  #opFold(model: ReportModel, op: number, parent: Fold): Fold {
    const { name } = model.kernel(op);
    const fold: Fold = {
      ...{ id: `o${op}`, kind: "op", index: op, name },
      ...{ parent, depth: parent.depth + 1, children: [] },
    };
    this.#folds[op] = fold;
    return fold;
  }
}

interface Inside {
  /** Its first op. */
  readonly at: number;
  readonly make: (parent: Fold) => Fold;
}

/** The boxes inside one, in runs of siblings where they are more than a layout takes. */
function inRuns(parent: Fold, inside: readonly Inside[]): Fold[] {
  if (inside.length <= MOST_PARTS) return inside.map(({ make }) => make(parent));
  const length = Math.max(MOST_PARTS, Math.ceil(inside.length / MOST_PARTS));
  const runs: Fold[] = [];
  for (let start = 0; start < inside.length; start += length) {
    const part = inside.slice(start, start + length);
    const children: Fold[] = [];
    const run: Fold = {
      ...{ id: `r${parent.id}.${start}`, kind: "run", index: parent.index },
      ...{ name: `${part.length} from %${part[0]?.at}`, parent, depth: parent.depth + 1, children },
    };
    children.push(...inRuns(run, part));
    runs.push(run);
  }
  return runs;
}
