import type { Graph, Value, ValueId } from "./graph.ts";

/**
 * The name of each value in the text form, by id, with its `%`: `%12` for the result of op 12,
 * `%12.1` for the second of several, `%conv1.kernel` for a tensor named `conv1/kernel`. Where two
 * tensors have one name, the kind and a number.
 */
export function nameValues(graph: Graph): readonly string[] {
  const taken = new Set<string>();
  const counts = { input: 0, param: 0, constant: 0 };
  return graph.values.map((value) => {
    if (value.kind === "result") return resultName(graph, value.id, value.op, value.index);
    const name = tensorName(value);
    const ordinal = counts[value.kind]++;
    if (name !== undefined && !taken.has(name)) {
      taken.add(name);
      return `%${name}`;
    }
    let numbered = `${value.kind === "constant" ? "c" : value.kind}${ordinal}`;
    while (taken.has(numbered)) numbered += "_";
    taken.add(numbered);
    return `%${numbered}`;
  });
}

function resultName(graph: Graph, id: ValueId, op: number, index: number): string {
  const results = graph.ops[op]?.results;
  // An op that does not list this value must not seem to define it.
  if (results?.[index] !== id) return `%undefined.${id}`;
  return results.length === 1 ? `%${op}` : `%${op}.${index}`;
}

const BARE_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/**
 * A tensor's name with `.` for `/`; undefined where it has no name or one that cannot be printed.
 */
function tensorName(value: Exclude<Value, { kind: "result" }>): string | undefined {
  if (value.kind === "constant") return undefined;
  const name = value.name.replaceAll("/", ".");
  return BARE_NAME.test(name) ? name : undefined;
}
