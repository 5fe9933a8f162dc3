import fc from "fast-check";
import { GraphBuilder, type OpSpec } from "../src/builder.ts";
import type { Dispatch } from "../src/dispatch.ts";
import type { Attribute, Attributes, Graph, Operands, Placement, ValueId } from "../src/graph.ts";
import { kernelOf } from "../src/kernels/registry.ts";
import { sizeOf, type TensorType } from "../src/types.ts";

/**
 * Random valid graphs of real kernels, for property tests. A graph is built from a list of
 * instructions. Each has a few numbers that choose a kernel, its operands and its attributes, so
 * fast-check can shrink a failure to a few ops.
 */
export function arbitraryGraph({ maxOps = 40 } = {}): fc.Arbitrary<Graph> {
  return fc
    .record({
      name: arbitraryName,
      device: fc.oneof(fc.constantFrom("virtual", "gpu", "software"), arbitraryName),
      names: fc.array(arbitraryName, { minLength: 4, maxLength: 4 }),
      data: fc.array(fc.double(), { minLength: 4, maxLength: 4 }),
      instructions: fc.array(arbitraryInstruction, { maxLength: maxOps }),
    })
    .map(build);
}

/** Mostly plain names, sometimes any string, also with quotes and line breaks. */
const arbitraryName = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("conv", "block1/conv2/kernel", "a.b", "0", "return") },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme" }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
);

/** Any attribute. At depth 0 also the numbers that JSON lacks. */
export const arbitraryAttribute: fc.Arbitrary<Attribute> = fc.letrec<{ any: Attribute }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    fc.oneof(fc.double(), fc.integer(), fc.string(), fc.boolean(), fc.constant(null)),
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom("$number", "$$", "a-b", "é"), fc.string()), tie("any"), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).any;

interface Instruction {
  readonly kernel: number;
  readonly operands: readonly [number, number, number];
  /** Decides attributes: axes, sizes, flags. */
  readonly choice: number;
  /** Whether to open or close a call before the op, and where it ran. */
  readonly place: number;
  readonly extra: Attributes;
}

const small = fc.nat({ max: 1000 });
const arbitraryInstruction: fc.Arbitrary<Instruction> = fc.record({
  kernel: small,
  operands: fc.tuple(small, small, small),
  choice: small,
  place: small,
  extra: fc.dictionary(fc.string(), arbitraryAttribute, { maxKeys: 2, noNullPrototype: true }),
});

interface Source {
  readonly name: string;
  readonly device: string;
  readonly names: readonly string[];
  readonly data: readonly number[];
  readonly instructions: readonly Instruction[];
}

const f32 = (...shape: number[]): TensorType => ({ dtype: "float32", shape });

function build({ name, device, names, data, instructions }: Source): Graph {
  const writer = new Writer(new GraphBuilder(name, device), names);
  writer.begin(data);
  for (const instruction of instructions) writer.append(instruction);
  return writer.end();
}

type Typed = { readonly id: ValueId } & TensorType;
/** What an op can choose from: values, and a number that decides the rest. */
interface Choices {
  readonly a: Typed;
  readonly b: Typed;
  readonly c: Typed;
  readonly choice: number;
  readonly extra: Attributes;
}
type Draft = Pick<OpSpec, "kernel" | "operands"> & {
  readonly attrs?: Attributes;
  /** Given only where the kernel is not declared. */
  readonly results?: readonly TensorType[];
  readonly placement?: Placement;
};

class Writer {
  readonly #values: Typed[] = [];
  readonly #open: { id: number; scope: readonly string[] }[] = [];
  #grouped = -1;

  constructor(
    readonly builder: GraphBuilder,
    readonly names: readonly string[],
  ) {}

  begin(data: readonly number[]): void {
    const [first = "", second = "", third = "", fourth = ""] = this.names;
    this.#add(this.builder.input(first, f32(2, 3)));
    this.#add(this.builder.input(second, f32(1, 4, 4, 2)));
    this.#add(
      this.builder.param(third, f32(3), {
        trainable: data.length > 3,
        ...(data.length % 2 === 0 ? { stored: "uint8", zeros: 2 } : {}),
      }),
    );
    this.#add(this.builder.param(fourth, f32(3), { trainable: false, role: "statistic" }));
    this.#add(this.builder.constant(f32(4), data));
    this.#add(this.builder.constant({ dtype: "string", shape: [2] }, [first, second]));
    this.#add(this.builder.constant({ dtype: "int32", shape: [30] }));
  }

  append({ kernel, operands, choice, place, extra }: Instruction): void {
    this.#turn(place, choice);
    const [a, b, c] = operands.map((index) => this.#pick(index));
    if (a === undefined || b === undefined || c === undefined) return;
    const make = DRAFTS[kernel % DRAFTS.length];
    const draft = make?.({ a, b, c, choice, extra }, this) ?? plainOp(a);
    const results = draft.results ?? inferred(draft, this.builder);
    const { attrs = {}, placement = PLACEMENTS[place % PLACEMENTS.length] ?? "gpu" } = draft;
    const workgroups = [place % 7, 1, choice] as const;
    const dispatches =
      placement === "gpu"
        ? [{ program: "Program", workgroups, ...FACTS[choice % FACTS.length] }]
        : [];
    const call = this.#open.at(-1);
    const ids = this.builder.op({
      kernel: draft.kernel,
      operands: draft.operands,
      attrs,
      results,
      scope: call === undefined ? [] : [...call.scope, ...this.names.slice(0, place % 2)],
      ...(call === undefined ? {} : { call: call.id }),
      placement,
      dispatches,
    });
    for (const id of ids) this.#add(id);
    const last = this.builder.opCount - 1;
    if (choice % 9 === 0 && this.#grouped < last - 1) {
      this.builder.group({ pattern: this.names[choice % 4] ?? "", ops: [last - 1, last] });
      this.#grouped = last;
    }
  }

  end(): Graph {
    while (this.#open.length > 0) this.#close();
    const last = this.#values.at(-1)?.id ?? 0;
    this.builder.setResults(last % 3 === 0 ? [last, 0] : [last]);
    return this.builder.build();
  }

  /** A new parameter between ops, where a trace defines them too. */
  param(type: TensorType): ValueId {
    const name = this.names[type.shape.length % 4] ?? "";
    return this.#add(this.builder.param(name, type));
  }

  scalar(value: number): ValueId {
    return this.#add(this.builder.constant(f32(), [value]));
  }

  /** Begins a call, ends one, or does nothing. */
  #turn(place: number, choice: number): void {
    if (place % 5 === 0 && this.#open.length < 3) {
      const parent = this.#open.at(-1);
      const scope = [...(parent?.scope ?? []), this.names[choice % 4] ?? ""];
      const id = this.builder.beginCall({
        kind: choice % 2 === 0 ? "layer" : "node",
        className: this.names[place % 4] ?? "",
        scope,
        ...(parent === undefined ? {} : { parent: parent.id }),
        inputs: choice % 3 === 0 ? [0, f32(choice % 5, 2)] : [0],
        params: [2],
      });
      this.#open.push({ id, scope });
    } else if (place % 5 === 1) this.#close();
  }

  #close(): void {
    const call = this.#open.pop();
    const last = this.#values.at(-1)?.id ?? 0;
    if (call !== undefined) this.builder.endCall(call.id, { results: [last] });
  }

  /** Recent values are taken more often, so that ops form chains. */
  #pick(index: number): Typed | undefined {
    const back = Math.floor(((index % 100) / 100) ** 2 * this.#values.length);
    return this.#values.at(-1 - back);
  }

  #add(id: ValueId): ValueId {
    const { dtype, shape } = this.builder.typeOf(id);
    this.#values.push({ id, dtype, shape });
    return id;
  }
}

/** Facts about a dispatch. */
const FACTS: readonly Partial<Dispatch>[] = [
  {},
  { workgroupSize: [8, 8, 1], shader: "00ff", buffers: [256, 1024, 64], uniforms: [-1, 0, 7] },
  { shader: "00fe", entryPoint: "main", constants: { size: 8, "7": 0.5 } },
  { gpuTime: { ns: 12.5, low: 12, high: 14, runs: 3 } },
  { gpuTime: { ns: null, low: 0, high: 50_000, runs: 9 }, buffers: [] },
];

const PLACEMENTS: readonly Placement[] = ["gpu", "gpu", "gpu", "cpu"];

function inferred(draft: Draft, builder: GraphBuilder): readonly TensorType[] {
  const kernel = kernelOf(draft.kernel);
  const named = Object.entries(draft.operands).map(([name, id]) => [name, builder.typeOf(id)]);
  const operands =
    kernel?.operands === "variadic" ? named.map(([, type]) => type) : Object.fromEntries(named);
  // Sound: each draft has the operands that its kernel declares. The verifier checks that.
  const results = kernel?.infer(operands as Parameters<typeof kernel.infer>[0], draft.attrs ?? {});
  if (results === undefined) throw new Error(`nothing is inferred for ${draft.kernel}`);
  return results;
}

const one = (kernel: string, x: Typed, attrs?: Attributes): Draft => ({
  kernel,
  operands: { x: x.id },
  ...(attrs === undefined ? {} : { attrs }),
});

/** An op that takes any value. */
const plainOp = (x: Typed): Draft => one("Identity", x, {});

function named<const N extends readonly string[]>(names: N, choice: number): N[number] {
  return names[choice % names.length] ?? "";
}

const UNARY = ["Relu", "Exp", "Sigmoid", "Tanh", "Neg", "Sqrt", "Rsqrt", "Erf", "Square"] as const;
const BINARY = ["Add", "Multiply", "Sub", "RealDiv", "Maximum", "SquaredDifference"] as const;

/** One function per kernel or family. It returns undefined where the values do not fit. */
const DRAFTS: readonly ((choices: Choices, writer: Writer) => Draft | undefined)[] = [
  ({ a, choice }) => (a.dtype === "float32" ? one(named(UNARY, choice), a) : undefined),
  ({ a, b, choice }, writer) => {
    if (a.dtype !== "float32") return undefined;
    const same = b.dtype === a.dtype && String(b.shape) === String(a.shape);
    const other = same ? b.id : writer.scalar(choice - 500);
    const operands: Operands = choice % 2 === 0 ? { a: a.id, b: other } : { a: other, b: a.id };
    return { kernel: named(BINARY, choice), operands };
  },
  ({ a }) => ({ ...plainOp(a), placement: "view" }),
  ({ a, choice }) => {
    const size = sizeOf(a.shape);
    const shapes = [[size], [1, size], [size, 1], [...a.shape, 1]];
    const shape = shapes[choice % shapes.length] ?? [size];
    return { ...one("Reshape", a, { shape }), placement: "view" };
  },
  ({ a, choice }) => {
    const axes = a.shape.map((_, axis) => axis);
    const by = axes.length === 0 ? 0 : choice % axes.length;
    return one("Transpose", a, { perm: [...axes.slice(by), ...axes.slice(0, by)] });
  },
  ({ a, choice }) => one("Cast", a, { dtype: named(["float32", "int32", "bool"], choice) }),
  ({ a, choice }) =>
    a.shape.length === 0
      ? undefined
      : {
          kernel: "Concat",
          operands: { 0: a.id, 1: a.id },
          attrs: { axis: choice % a.shape.length },
        },
  ({ a, choice }) => {
    const axis = a.shape.length - 1;
    if (a.dtype !== "float32" || axis < 0) return undefined;
    const attrs = { axis, keepDims: choice % 2 === 0 };
    const max = { reductionIndices: [axis], keepDims: choice % 2 === 0 };
    const kernel = named(["Sum", "Mean", "Max"], choice);
    return one(kernel, a, kernel === "Max" ? max : attrs);
  },
  ({ a }) =>
    a.dtype === "float32" && a.shape.length > 0
      ? { kernel: "Softmax", operands: { logits: a.id }, attrs: { dim: a.shape.length - 1 } }
      : undefined,
  ({ a, choice }) => {
    const axis = a.shape.findIndex((dimension) => dimension % 2 === 0 && dimension > 0);
    const half = (a.shape[axis] ?? 0) / 2;
    if (axis < 0) return undefined;
    const placement = choice % 2 === 0 ? "gpu" : "cpu";
    return { ...one("SplitV", a, { numOrSizeSplits: [half, half], axis }), placement };
  },
  ({ a, choice }, writer) => {
    const [, height = 0, width = 0, channels = 0] = a.shape;
    if (a.dtype !== "float32" || a.shape.length !== 4 || Math.min(height, width) < 1) return;
    const filter = writer.param(f32(1, 1, channels, 1 + (choice % 3)));
    const dilations = choice % 2 === 0 ? [1, 1] : 1;
    const attrs = { strides: [1, 1], pad: "same", dataFormat: "NHWC", dilations };
    return { kernel: "Conv2D", operands: { x: a.id, filter }, attrs };
  },
  ({ a, choice }, writer) => {
    const [, inner = 0] = a.shape;
    if (a.dtype !== "float32" || a.shape.length !== 2) return undefined;
    const weights = writer.param(f32(inner, 1 + (choice % 4)));
    const bias = choice % 2 === 0 ? { bias: writer.param(f32(1 + (choice % 4))) } : {};
    const activation = named(["linear", "relu", "elu"], choice);
    const attrs = { transposeA: false, transposeB: false, activation };
    return { kernel: "_FusedMatMul", operands: { a: a.id, b: weights, ...bias }, attrs };
  },
  ({ a }, writer) => {
    const channels = a.shape.at(-1) ?? 1;
    if (a.dtype !== "float32" || a.shape.length !== 4) return undefined;
    const [mean, variance, scale] = [0, 0, 0].map(() => writer.param(f32(channels)));
    if (mean === undefined || variance === undefined || scale === undefined) return undefined;
    const operands = { x: a.id, mean, variance, scale };
    return { kernel: "FusedBatchNorm", operands, attrs: { varianceEpsilon: 0.001 } };
  },
  // A kernel that is not declared, with any attributes and sometimes without results.
  ({ a, b, c, choice, extra }) => ({
    kernel: named(["Mystery", "call", "group", "return", "odd kernel", "input"], choice),
    operands: { "odd name": a.id, b: b.id, "c.0": c.id },
    attrs: extra,
    results: choice % 5 === 0 ? [] : [f32(choice % 3, 2), { dtype: "bool", shape: [] }],
  }),
];
