import { OpcounterError } from "../errors.ts";
import { type Graph, inScope, type OpId } from "../graph.ts";
import { printLines } from "../print.ts";
import { onOneLine } from "../wording.ts";

/** A broken rule of the IR, or, as a warning, something that could not be checked. */
export interface Finding {
  /** One sentence that names the place and what is wrong. */
  readonly message: string;
  /** The op at fault; undefined where it is a value, a call, a group or the graph. */
  readonly op?: OpId;
}

/** A graph that breaks the IR's rules, with all that was found. */
export class VerifyError extends OpcounterError {
  override name = "VerifyError";

  constructor(
    readonly graph: Graph,
    readonly findings: readonly Finding[],
    /** When the graph was checked, as the beginning of the message. */
    when = "",
  ) {
    super("graph-invalid", `${when}${summarize(graph, findings)}`);
  }
}

/** How many findings the message of an error lists; `findings` has all. */
const LISTED = 20;

function summarize({ name }: Graph, findings: readonly Finding[]): string {
  const graph = `graph "${onOneLine(name)}" is not valid`;
  const [first] = findings;
  if (first !== undefined && findings.length === 1) return `${graph}: ${onOneLine(first.message)}`;
  const listed = findings.slice(0, LISTED).map(({ message }) => `  ${onOneLine(message)}`);
  const rest = findings.length - listed.length;
  if (rest > 0) listed.push(`  and ${rest} more`);
  return `${graph} in ${findings.length} places:\n${listed.join("\n")}`;
}

/** What the rules report to. Places of ops are written out only when someone asks. */
export class Report {
  readonly #found: { op: OpId | undefined; what: string }[] = [];

  add(what: string): void {
    this.#found.push({ op: undefined, what });
  }

  addAt(op: OpId, what: string): void {
    this.#found.push({ op, what });
  }

  get isEmpty(): boolean {
    return this.#found.length === 0;
  }

  /** The findings, each op named with its kernel, its line in the text form and its scope. */
  findings(graph: Graph): Finding[] {
    const { opLines } = this.#found.some(({ op }) => op !== undefined)
      ? printLines(graph)
      : { opLines: [] };
    return this.#found.map(({ op, what }) => {
      if (op === undefined) return { message: what };
      const { kernel = "unknown", scope = [] } = graph.ops[op] ?? {};
      const line = (opLines[op] ?? 0) + 1;
      return { message: `op ${op} (${kernel}) at line ${line}${inScope(scope)}: ${what}`, op };
    });
  }
}
