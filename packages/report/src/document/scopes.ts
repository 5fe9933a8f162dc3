import type { Graph } from "@opcounter/ir";
import type { ScopeColumns } from "./document.ts";
import type { Strings } from "./strings.ts";

/** The scopes of a graph as a tree. The root, scope 0, is around all. */
export class Scopes {
  readonly columns: { parent: number[]; name: number[]; className: number[] } & ScopeColumns;
  readonly #strings: Strings;
  readonly #children: Map<string, number>[] = [];
  readonly #byPath = new Map<string, number>();

  constructor(graph: Graph, strings: Strings) {
    this.#strings = strings;
    this.columns = { parent: [], name: [], className: [] };
    this.#add(-1, "", "");
    for (const { scope } of graph.ops) this.of(scope);
    for (const { scope, className } of graph.calls) {
      this.columns.className[this.of(scope)] = strings.index(className);
    }
  }

  /** The scope of a path, which is added where it is new. */
  of(path: readonly string[]): number {
    let scope = 0;
    path.forEach((name, depth) => {
      const around = scope;
      scope =
        this.#children[around]?.get(name) ??
        this.#add(around, name, path.slice(0, depth + 1).join("/"));
    });
    return scope;
  }

  /**
   * The scope that reports call by its names joined with `/`; the root where there is none. Of scopes
   * that joined names cannot tell apart, the first.
   */
  ofJoined(path: string): number {
    return this.#byPath.get(path) ?? 0;
  }

  #add(parent: number, name: string, path: string): number {
    const { columns } = this;
    const scope = columns.parent.push(parent) - 1;
    columns.name.push(this.#strings.index(name));
    columns.className.push(-1);
    this.#children.push(new Map());
    this.#children[parent]?.set(name, scope);
    if (!this.#byPath.has(path)) this.#byPath.set(path, scope);
    return scope;
  }
}
