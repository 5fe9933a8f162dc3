import { type Cost, type CostColumn, exact, type Integer } from "@opcounter/counters";

/** The costs together: the user's own are added up, or the largest taken, as each of them says. */
export function sumOfCosts(parts: readonly Cost[], own: readonly CostColumn[]): Cost {
  const sum = (figureOf: (part: Cost) => Integer) =>
    exact(parts.reduce((total, part) => total + BigInt(figureOf(part)), 0n));
  // A convention counts a figure of all ops or of none.
  const sumOrNull = (figureOf: (part: Cost) => Integer | null) =>
    parts.some((part) => figureOf(part) === null) ? null : sum((part) => figureOf(part) ?? 0);
  const times = parts.flatMap(({ gpuTimeMs }) => gpuTimeMs ?? []);
  return {
    macs: sumOrNull(({ macs }) => macs),
    flops: sumOrNull(({ flops }) => flops),
    transcendentals: sumOrNull(({ transcendentals }) => transcendentals),
    bytesRead: sum(({ bytesRead }) => bytesRead),
    bytesWritten: sum(({ bytesWritten }) => bytesWritten),
    dispatches: Number(sum(({ dispatches }) => dispatches)),
    invocations: sum(({ invocations }) => invocations),
    hostOps: Number(sum(({ hostOps }) => hostOps)),
    hostBytesUploaded: sum(({ hostBytesUploaded }) => hostBytesUploaded),
    activations: sum(({ activations }) => activations),
    gpuTimeMs: times.length === 0 ? null : times.reduce((total, ms) => total + ms, 0),
    costs: Object.fromEntries(
      own.map(({ name, total }) => {
        const values = parts.map(({ costs }) => Number(costs[name] ?? 0));
        const isSum = total === "sum";
        return [name, values.reduce((a, b) => (isSum ? a + b : Math.max(a, b)), 0)];
      }),
    ),
  };
}

/** What is left of a cost without a part of it. Of the user's own, those that add up. */
export function costWithout(whole: Cost, part: Cost, own: readonly CostColumn[]): Cost {
  const left = (a: Integer, b: Integer | null) => exact(BigInt(a) - BigInt(b ?? 0));
  const leftOrNull = (a: Integer | null, b: Integer | null) => (a === null ? null : left(a, b));
  const added = own.filter(({ total }) => total === "sum");
  return {
    macs: leftOrNull(whole.macs, part.macs),
    flops: leftOrNull(whole.flops, part.flops),
    transcendentals: leftOrNull(whole.transcendentals, part.transcendentals),
    bytesRead: left(whole.bytesRead, part.bytesRead),
    bytesWritten: left(whole.bytesWritten, part.bytesWritten),
    dispatches: whole.dispatches - part.dispatches,
    invocations: left(whole.invocations, part.invocations),
    hostOps: whole.hostOps - part.hostOps,
    hostBytesUploaded: left(whole.hostBytesUploaded, part.hostBytesUploaded),
    activations: left(whole.activations, part.activations),
    gpuTimeMs: whole.gpuTimeMs && floatLeft(whole.gpuTimeMs, part.gpuTimeMs ?? 0),
    costs: Object.fromEntries(
      added.map(({ name }) => {
        const [a, b] = [whole.costs[name], part.costs[name]].map((value) => Number(value ?? 0));
        return [name, floatLeft(a ?? 0, b ?? 0)];
      }),
    ),
  };
}

/** A difference of floats, which is 0 where only rounding is left. */
function floatLeft(whole: number, part: number): number {
  const left = whole - part;
  return Math.abs(left) < 1e-9 * Math.abs(whole) ? 0 : left;
}
