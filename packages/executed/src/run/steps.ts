import { ShaderProblem } from "../wgsl/problem.ts";
import type { Statement } from "../wgsl/program.ts";
import { join, parts, split } from "./branches.ts";
import { type Evaluate, evaluation } from "./evaluate.ts";
import { Lanes } from "./lanes.ts";
import type { Machine, Times } from "./machine.ts";
import { type Mask, NEVER } from "./mask.ts";

/** Runs a statement for the invocations of a mask; returns those that go on to the next. */
type Step = (mask: Mask) => Mask;

/** The invocations that left a loop's round, a loop, or a function. */
interface Exits {
  left: Mask;
}

interface Targets {
  readonly break?: Exits;
  readonly continue?: Exits;
  readonly return?: Exits;
}

/** More rounds than a workgroup of a shader that ends takes. */
const MAX_ROUNDS = 4_000_000;
/** More than the classes of a dispatch take that is counted in a minute. */
const MAX_ALL_ROUNDS = 200_000_000;
/** So many rounds that buffers decide, and no invocation surely takes, and they are without bound. */
const MAX_UNSURE_ROUNDS = 4096;

/** Makes a closure of statements. */
export function running(machine: Machine, statements: readonly Statement[]): Step {
  return sequence(machine, statements, {});
}

function sequence(machine: Machine, statements: readonly Statement[], targets: Targets): Step {
  const steps = statements.flatMap((statement) => step(machine, statement, targets) ?? []);
  const [only] = steps;
  if (steps.length === 1 && only !== undefined) return only;
  return (mask) => {
    let active = mask;
    for (const run of steps) {
      active = run(active);
      if (active.most === 0) return active;
    }
    return active;
  };
}

/** Undefined where the statement need not be run. */
function step(machine: Machine, statement: Statement, targets: Targets): Step | undefined {
  switch (statement.kind) {
    case "count":
      return counting(machine, statement.block);
    case "set":
      return setting(machine, statement);
    case "clear": {
      if (!machine.needsArray(statement.array)) return undefined;
      const array = machine.array(statement.array);
      return (mask) => {
        array.clear();
        return mask;
      };
    }
    case "set-element": {
      if (!machine.needsArray(statement.array)) return undefined;
      const array = machine.array(statement.array);
      const index = evaluation(machine, statement.index);
      const value = evaluation(machine, statement.value);
      return (mask) => {
        array.write(index(), value(), mask);
        return mask;
      };
    }
    case "store":
      return storing(machine, statement);
    case "atomic":
      return atomic(machine, statement);
    case "if":
      return branch(machine, statement, targets);
    case "loop":
      return looping(machine, statement, targets);
    case "scope":
      return statement.leftBy === "return"
        ? scoped(machine, statement.body)
        : switching(machine, statement.body, targets);
    case "texture-store":
      return (mask) => {
        markStored(machine, mask);
        return mask;
      };
    case "break":
    case "continue":
    case "return":
      return leaving(machine, targets[statement.kind]);
    case "barrier":
      return (mask) => {
        happened(machine.barriers, mask.least > 0 ? "surely" : "perhaps");
        return mask;
      };
  }
}

function counting({ masks }: Machine, block: number): Step {
  return (mask) => {
    masks.count(mask, block);
    return mask;
  };
}

function setting(
  machine: Machine,
  { register, value, isWhole }: Extract<Statement, { kind: "set" }>,
): Step | undefined {
  if (!machine.needs(register)) return undefined;
  const variable = machine.variable(register);
  const evaluate = evaluation(machine, value);
  if (isWhole) {
    return (mask) => {
      variable.declare(evaluate(), mask);
      return mask;
    };
  }
  return (mask) => {
    variable.assign(evaluate(), mask);
    return mask;
  };
}

/** Notes which invocations have a result. */
function markStored({ hasStored }: Machine, mask: Mask): void {
  for (let lane = 0; lane < hasStored.length; lane++) {
    if (mask.lanes[lane] !== NEVER) hasStored[lane] = 1;
  }
}

function storing(
  machine: Machine,
  { memory, address, value, of }: Extract<Statement, { kind: "store" }>,
): Step | undefined {
  const isResult = memory.space === "storage";
  if (machine.isCounting) {
    if (!isResult) return undefined;
    return (mask) => {
      markStored(machine, mask);
      return mask;
    };
  }
  const place = evaluation(machine, address);
  const evaluate = evaluation(machine, value);
  return (mask) => {
    if (isResult) markStored(machine, mask);
    machine.memory(memory).store(place(), of, evaluate(), mask);
    return mask;
  };
}

function atomic(
  machine: Machine,
  { name, memory, address, args, old, exchanged }: Extract<Statement, { kind: "atomic" }>,
): Step {
  const nowhere = new Lanes(machine.invocations);
  const place = machine.isCounting ? () => nowhere : evaluation(machine, address);
  const values: Evaluate[] = machine.isCounting ? [] : args.map((arg) => evaluation(machine, arg));
  const before = machine.variable(old);
  const wasExchanged = exchanged === undefined ? undefined : machine.variable(exchanged);
  return (mask) => {
    if (memory.space === "storage" && name !== "atomicLoad") markStored(machine, mask);
    const given = values.map((evaluate) => evaluate());
    const flag = wasExchanged?.lanes;
    machine.memory(memory).atomic(name, place(), old.kind, given, mask, before.lanes, flag);
    return mask;
  };
}

function branch(
  machine: Machine,
  statement: Extract<Statement, { kind: "if" }>,
  targets: Targets,
): Step {
  const { masks } = machine;
  const condition = evaluation(machine, statement.condition);
  const runTaken = sequence(machine, statement.taken, targets);
  const runOtherwise = sequence(machine, statement.otherwise, targets);
  return (mask) => {
    const [taken, otherwise] = split(masks, mask, condition());
    if (otherwise.isEmpty) return runTaken(mask);
    if (taken.isEmpty) return runOtherwise(mask);
    if (statement.isBranch) happened(machine.divergences, parts(taken, otherwise));
    return join(masks, mask, [taken, runTaken(taken)], [otherwise, runOtherwise(otherwise)]);
  };
}

function leaving({ masks }: Machine, target: Exits | undefined): Step {
  if (target === undefined) throw new ShaderProblem("refused", 0, "nothing is there to leave");
  return (mask) => {
    target.left = masks.union(target.left, mask);
    return masks.empty;
  };
}

function scoped(machine: Machine, body: readonly Statement[]): Step {
  const { masks } = machine;
  const exits: Exits = { left: masks.empty };
  const run = sequence(machine, body, { return: exits });
  return (mask) => {
    exits.left = masks.empty;
    run(mask);
    // Whoever called goes on, by whichever way the function ended.
    return mask;
  };
}

/** The cases of a switch, of which `break` leaves one. */
function switching(machine: Machine, body: readonly Statement[], targets: Targets): Step {
  const exits: Exits = { left: machine.masks.empty };
  const run = sequence(machine, body, { ...targets, break: exits });
  const stay = staying(machine, [targets.return, targets.continue]);
  return (mask) => {
    const after = stay(mask);
    exits.left = machine.masks.empty;
    run(mask);
    return after();
  };
}

/** Who is still there after statements that some may leave by these exits. */
function staying({ masks }: Machine, exits: readonly (Exits | undefined)[]) {
  return (mask: Mask) => {
    const before = exits.map((exit) => exit?.left);
    // All that did not leave meanwhile come out together.
    return () =>
      exits.reduce((rest, exit, i) => {
        return exit === undefined || exit.left === before[i]
          ? rest
          : masks.without(rest, exit.left);
      }, mask);
  };
}

function looping(
  machine: Machine,
  statement: Extract<Statement, { kind: "loop" }>,
  targets: Targets,
): Step {
  const { masks, divergences } = machine;
  const broken: Exits = { left: masks.empty };
  const continued: Exits = { left: masks.empty };
  const inside: Targets = { ...targets, break: broken, continue: continued };
  const runTest = sequence(machine, statement.test, targets);
  const condition =
    statement.condition === undefined ? undefined : evaluation(machine, statement.condition);
  const runBody = sequence(machine, statement.body, inside);
  const runContinuing = sequence(machine, statement.continuing, { ...targets, break: broken });
  const stay = staying(machine, [targets.return]);
  return (mask) => {
    broken.left = masks.empty;
    const after = stay(mask);
    let active = mask;
    for (let unsure = 0; ; ) {
      checkRounds(machine, statement.line);
      if (active.least === 0 && ++unsure > MAX_UNSURE_ROUNDS) {
        machine.isBounded = false;
        break;
      }
      active = runTest(active);
      if (condition !== undefined) {
        const [stays, leaves] = split(masks, active, condition());
        happened(divergences, parts(stays, leaves));
        active = stays;
      }
      if (active.isEmpty) break;
      continued.left = masks.empty;
      active = masks.union(runBody(active), continued.left);
      if (active.isEmpty) break;
      active = runContinuing(active);
    }
    return after();
  };
}

function checkRounds(machine: Machine, line: number): void {
  if (++machine.rounds > MAX_ROUNDS) tooLong(line, MAX_ROUNDS, "in one workgroup");
  if (++machine.allRounds > MAX_ALL_ROUNDS) tooLong(line, MAX_ALL_ROUNDS, "in all workgroups");
}

function tooLong(line: number, most: number, where: string): never {
  const what = `a loop takes more than ${most.toLocaleString("en")} rounds ${where}`;
  throw new ShaderProblem("unsupported", line, what);
}

function happened(times: Times, how: "surely" | "perhaps" | "not"): void {
  if (how === "not") return;
  times.most++;
  if (how === "surely") times.least++;
}
