import { type Extent, elementAt } from "@opcounter/ir/core";
import { Indefinite } from "../run/branches.ts";
import type { Box, WorkgroupCounts, WorkgroupRunner } from "../run/workgroup.ts";
import { ShaderProblem } from "../wgsl/problem.ts";

/** Workgroups of a dispatch that all take the same branches, so that they execute the same. */
export interface WorkgroupClass {
  readonly box: Box;
  /** How many they are. */
  readonly workgroups: number;
  readonly counts: WorkgroupCounts;
}

/**
 * Parts the workgroups of a dispatch into classes, and runs each class once.
 *
 * All workgroups of a box are run together, with coordinates that are intervals. Where a branch is
 * not taken alike by all of them, the box is halved along a coordinate that decides the branch, and
 * each half is run. So what a class executes is proven for all its members; a box may be halved more
 * often than it has to be, never less.
 *
 * @param effort how many boxes are run at most, and how many rounds of loops.
 * @throws ShaderProblem where that is not enough.
 */
export function* workgroupClasses(
  runner: WorkgroupRunner,
  effort: Effort = MOST,
): Iterable<WorkgroupClass> {
  const [x, y, z] = runner.launch.workgroups;
  if (x === 0 || y === 0 || z === 0) return;
  const boxes: Box[] = [{ low: [0, 0, 0], high: [x - 1, y - 1, z - 1] }];
  let [runs, done] = [0, 0];
  for (let box = boxes.pop(); box !== undefined; box = boxes.pop()) {
    if (++runs > effort.runs || runner.rounds > effort.rounds) {
      const most = effort.runs.toLocaleString("en");
      throw new ShaderProblem("unsupported", 0, `its workgroups differ in more than ${most} ways`);
    }
    const counts = alike(runner, box);
    if (counts instanceof Indefinite) {
      const few = runs > done + MARGIN ? FEW_WHERE_APART : FEW;
      boxes.push(...parts(box, counts.depends, few));
    } else {
      const workgroups = volumeOf(box);
      done += workgroups;
      yield { box, workgroups, counts };
    }
  }
}

function alike(runner: WorkgroupRunner, box: Box): WorkgroupCounts | Indefinite {
  try {
    return runner.run(box);
  } catch (error) {
    if (error instanceof Indefinite) return error;
    throw error;
  }
}

export interface Effort {
  readonly runs: number;
  readonly rounds: number;
}

/** More runs than the largest dispatch of a model needs, which takes seconds. */
const MOST: Effort = { runs: 250_000, rounds: Number.POSITIVE_INFINITY };

/** So few are run one by one, since their halves are seldom alike. */
const FEW = 4;
/**
 * So few, once halving took more runs than the workgroups that it was done with, and some: then most
 * differ, and one alone runs faster than a box, whose values are intervals.
 */
const FEW_WHERE_APART = 32;
const MARGIN = 32;

/**
 * Halves a box along the longest of the coordinates, given as bits; one of at most `few` is cut in
 * ones.
 */
function parts({ low, high }: Box, coordinates: number, few: number): Box[] {
  const length = (axis: number) => elementAt(high, axis) - elementAt(low, axis) + 1;
  const [axis] = [0, 1, 2]
    .filter((each) => coordinates & (1 << each))
    .sort((a, b) => length(b) - length(a));
  if (axis === undefined || length(axis) === 1) throw new RangeError("one workgroup is not alike");
  const size = length(axis) <= few ? 1 : Math.ceil(length(axis) / 2);
  const boxes: Box[] = [];
  for (let from = elementAt(low, axis); from <= elementAt(high, axis); from += size) {
    const to = Math.min(from + size - 1, elementAt(high, axis));
    boxes.push({ low: withCoordinate(low, axis, from), high: withCoordinate(high, axis, to) });
  }
  return boxes;
}

function withCoordinate([x, y, z]: Extent, axis: number, value: number): Extent {
  if (axis === 0) return [value, y, z];
  return axis === 1 ? [x, value, z] : [x, y, value];
}

function volumeOf({ low, high }: Box): number {
  return [0, 1, 2].reduce(
    (volume, axis) => volume * (elementAt(high, axis) - elementAt(low, axis) + 1),
    1,
  );
}
