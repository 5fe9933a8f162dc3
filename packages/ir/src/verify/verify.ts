import { elementAt } from "../element-at.ts";
import type { Graph } from "../graph.ts";
import { kernelOf } from "../kernels/registry.ts";
import { type Finding, Report, VerifyError } from "./findings.ts";
import { checkKernel } from "./kernels.ts";
import { checkStructure } from "./structure.ts";

/**
 * Checks every rule of the IR: ids are dense and in order of definition; definitions come before
 * uses; operands, attributes and result types are as the kernel declares; scopes, calls and groups
 * are well formed. Throws a VerifyError with everything that is wrong.
 *
 * Returns warnings about ops that it could not check, because their kernel is not declared.
 */
export function verify(graph: Graph): readonly Finding[] {
  verifyStructure(graph);
  const errors = new Report();
  const warnings = new Report();
  const problems: string[] = [];
  for (let id = 0; id < graph.ops.length; id++) {
    const op = elementAt(graph.ops, id);
    const kernel = kernelOf(op.kernel);
    if (kernel === undefined) {
      warnings.addAt(id, `no kernel "${op.kernel}" is declared, so it was not checked`);
    } else {
      checkKernel(graph, op, kernel, problems);
      if (problems.length === 0) continue;
      for (const what of problems.splice(0)) errors.addAt(id, what);
    }
  }
  if (!errors.isEmpty) throw new VerifyError(graph, errors.findings(graph));
  return warnings.isEmpty ? [] : warnings.findings(graph);
}

/** Checks the rules that hold for any kernel. It is much faster than `verify`. */
export function verifyStructure(graph: Graph): void {
  const report = new Report();
  checkStructure(graph, report);
  if (!report.isEmpty) throw new VerifyError(graph, report.findings(graph));
}
