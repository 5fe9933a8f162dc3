import { visible } from "@opcounter/ir/core";
import type { ConventionCounts, Kernel, ReportDocument } from "../../document/document.ts";

/** A document made ready to be shown: names that no line obeys, and what is inside what. */
export class ReportModel {
  readonly document: ReportDocument;
  readonly opCount: number;
  readonly scopeCount: number;
  /** By scope: the scopes and the ops directly inside, in order of execution. */
  readonly childScopes: readonly (readonly number[])[];
  readonly directOps: readonly (readonly number[])[];
  /** By scope: its first op, at any depth; infinite where it has none. */
  readonly firstOp: readonly number[];
  readonly #strings: readonly string[];
  readonly #paths: readonly string[];
  #uses: ReadonlyMap<number, readonly number[]> | undefined;

  constructor(document: ReportDocument) {
    this.document = document;
    const { scopes, ops } = document;
    this.#strings = document.strings.map(visible);
    this.opCount = ops.kernel.length;
    this.scopeCount = scopes.parent.length;
    const childScopes: number[][] = scopes.parent.map(() => []);
    const directOps: number[][] = scopes.parent.map(() => []);
    const firstOp = scopes.parent.map(() => Number.POSITIVE_INFINITY);
    const paths: string[] = [];
    scopes.parent.forEach((parent, scope) => {
      childScopes[parent]?.push(scope);
      const around = paths[parent];
      const name = this.text(scopes.name[scope] ?? -1);
      paths.push(parent > 0 ? `${around}/${name}` : name);
    });
    ops.scope.forEach((scope, op) => {
      directOps[scope]?.push(op);
      for (let at = scope; at !== -1; at = scopes.parent[at] ?? -1) {
        firstOp[at] = Math.min(firstOp[at] ?? op, op);
      }
    });
    this.childScopes = childScopes;
    this.directOps = directOps;
    this.firstOp = firstOp;
    this.#paths = paths;
  }

  /** A string of the document; empty where there is none. */
  text(index: number): string {
    return this.#strings[index] ?? "";
  }

  kernel(op: number): Kernel {
    const kernel = this.document.kernels[this.document.ops.kernel[op] ?? -1];
    return kernel === undefined
      ? { name: "", family: "other" }
      : { ...kernel, name: visible(kernel.name) };
  }

  scopeOf(op: number): number {
    return this.document.ops.scope[op] ?? 0;
  }

  scopeName(scope: number): string {
    return scope === 0
      ? visible(this.document.model) || "the whole model"
      : this.text(this.document.scopes.name[scope] ?? -1) || "(no name)";
  }

  /** `features/conv1`; empty for the root. */
  scopePath(scope: number): string {
    return this.#paths[scope] ?? "";
  }

  className(scope: number): string {
    return this.text(this.document.scopes.className[scope] ?? -1);
  }

  /** From the root to the scope, both included. */
  scopesAround(scope: number): number[] {
    const path: number[] = [];
    for (let at = scope; at !== -1; at = this.document.scopes.parent[at] ?? -1) path.unshift(at);
    return path;
  }

  isInside(scope: number, outer: number): boolean {
    for (let at = scope; at !== -1; at = this.document.scopes.parent[at] ?? -1) {
      if (at === outer) return true;
    }
    return false;
  }

  valueName(value: number): string {
    return this.text(this.document.values.name[value] ?? -1);
  }

  valueType(value: number): string {
    return this.text(this.document.values.type[value] ?? -1);
  }

  /** The op that makes a value; undefined for inputs, parameters and constants. */
  makerOf(value: number): number | undefined {
    const op = this.document.values.op[value] ?? -1;
    return op === -1 ? undefined : op;
  }

  /** The types of an op's results, joined. */
  resultTypes(op: number): string {
    return (this.document.ops.results[op] ?? []).map((id) => this.valueType(id)).join(", ");
  }

  /** The ops that use a value. */
  usersOf(value: number): readonly number[] {
    this.#uses ??= this.#findUses();
    return this.#uses.get(value) ?? [];
  }

  convention(index: number): ConventionCounts {
    const found = this.document.conventions[index];
    if (found === undefined) throw new RangeError(`the document has no convention ${index}`);
    return found;
  }

  #findUses(): ReadonlyMap<number, readonly number[]> {
    const uses = new Map<number, number[]>();
    this.document.ops.operands.forEach((operands, op) => {
      for (const [, value] of operands) {
        const users = uses.get(value);
        if (users === undefined) uses.set(value, [op]);
        else if (users.at(-1) !== op) users.push(op);
      }
    });
    return uses;
  }
}
