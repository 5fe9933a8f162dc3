import type { Analysis } from "../analysis.ts";
import type { Graph } from "../graph.ts";

/** The dispatches of one program of the WebGPU backend. */
export interface ProgramSummary {
  /** The program, as the backend names it: `Conv2DMMProgram`. */
  readonly program: string;
  /** The kernels that use it. */
  readonly kernels: readonly string[];
  readonly dispatches: number;
  /** The workgroups of all its dispatches. */
  readonly workgroups: number;
}

/** What the GPU does in a pass. */
export interface DispatchSummary {
  readonly dispatches: number;
  /** The program with the most dispatches is first. */
  readonly programs: readonly ProgramSummary[];
  /** How many ops ran on the GPU, how many on the CPU, and how many are views. */
  readonly placements: Readonly<Record<"gpu" | "cpu" | "view", number>>;
}

export const dispatchSummary: Analysis<DispatchSummary> = {
  name: "dispatch-summary",
  run: summarize,
};

function summarize(graph: Graph): DispatchSummary {
  const placements = { gpu: 0, cpu: 0, view: 0 };
  const programs = new Map<
    string,
    { kernels: Set<string>; dispatches: number; workgroups: number }
  >();
  for (const { kernel, placement, dispatches } of graph.ops) {
    placements[placement]++;
    for (const { program, workgroups } of dispatches) {
      const known = programs.get(program) ?? { kernels: new Set(), dispatches: 0, workgroups: 0 };
      known.kernels.add(kernel);
      known.dispatches++;
      known.workgroups += workgroups[0] * workgroups[1] * workgroups[2];
      programs.set(program, known);
    }
  }
  const rows = [...programs].map(([program, { kernels, ...sums }]) => ({
    program,
    kernels: [...kernels],
    ...sums,
  }));
  return {
    dispatches: rows.reduce((total, { dispatches }) => total + dispatches, 0),
    programs: rows.sort((a, b) => b.dispatches - a.dispatches),
    placements,
  };
}
