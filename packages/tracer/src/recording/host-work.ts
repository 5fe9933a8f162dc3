import { type Attributes, type HostValues, sizeOf, type ValueId } from "@opcounter/ir/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { listDiff, where } from "../evaluate/host-functions.ts";
import type { HostTensor } from "../evaluate/host-tensor.ts";
import type { TensorValues } from "../tfjs/engine.ts";
import type { OutsideUses } from "./outside-uses.ts";
import { OwnWork } from "./own-work.ts";
import type { Place, Recorder } from "./recorder.ts";
import type { HostValuesListener, Read } from "./watch-host-values.ts";

/** A read, and where in the program it began. */
interface PlacedRead extends Read {
  readonly place: Place;
}

/** A read whose values are there, and the read whose values had come last when it began. */
interface ArrivedRead {
  readonly read: PlacedRead;
  readonly before: PlacedRead | undefined;
}

/** The first result of `tf.setdiff1dAsync`, until its second is made. */
interface HalfDiff {
  readonly x: PlacedRead;
  readonly y: PlacedRead;
  readonly kept: Tensor;
  readonly places: HostTensor;
}

/**
 * Follows what is computed on the host outside kernels, from values that are read.
 *
 * `tf.whereAsync` and `tf.setdiff1dAsync` are told by what they give: a tensor that holds what the
 * function gives of values that were read is an op. Nothing else of them can be watched, since a
 * module's exports cannot be replaced. They go on right when the values are there, so it is the
 * read whose values came last; and the second list of a difference is read right after the first.
 */
export class HostWork implements HostValuesListener {
  readonly #recorder: Recorder;
  readonly #uses: OutsideUses;
  /** The read whose values came last. */
  #latest: ArrivedRead | undefined;
  readonly #own = new OwnWork();
  #collected: Read[] | undefined;
  /** Told of each read that begins, with what the program awaits if it awaits its values. */
  onRead: ((values: unknown) => void) | undefined;
  #half: HalfDiff | undefined;

  /** @param uses is told what is read. */
  constructor(recorder: Recorder, uses: OutsideUses) {
    this.#recorder = recorder;
    this.#uses = uses;
  }

  /** Collects the reads that begin from now until `stopCollecting`; the caller knows what for. */
  collect(): readonly Read[] {
    this.#collected = [];
    return this.#collected;
  }

  stopCollecting(): void {
    this.#collected = undefined;
  }

  get isCollecting(): boolean {
    return this.#collected !== undefined;
  }

  read(read: Read, given: unknown): void {
    if (this.#recorder.runningKernel !== undefined) return;
    this.onRead?.(given);
    this.#uses.read(read);
    if (this.#collected !== undefined) {
      this.#collected.push(read);
      return;
    }
    const { place } = this.#recorder;
    // `values` comes later, so the object stays the same.
    const placed = Object.assign(read, { place });
    if (!isNode(place) && this.#isComputed(read.tensor)) this.#own.addRead(read);
    if (!(given instanceof Promise)) return;
    const before = this.#latest?.read;
    const arrive = () => {
      this.#latest = { read: placed, before };
    };
    given.then(arrive, () => undefined);
  }

  made(tensor: Tensor, values: TensorValues): void {
    if (this.#recorder.runningKernel !== undefined) return;
    if (!isNode(this.#recorder.place)) this.#own.addMade(tensor);
    const half = this.#half;
    this.#half = undefined;
    if (half !== undefined && isSame(tensor, values, half.places)) this.#recordDiff(half, tensor);
    else if (!this.#recordWhere(tensor, values)) this.#half = this.#halfDiff(tensor, values);
  }

  /** Records what the host computed, as an op. */
  record(
    kernel: string,
    operands: Readonly<Record<string, ValueId>>,
    attrs: Attributes,
    place: Place,
    results: readonly Tensor[],
  ): void {
    const what = { kernel, operands, attrs, placement: "cpu" as const, dispatches: [] };
    this.#recorder.append(what, place, results);
    for (const tensor of results) this.#own.dropMade(tensor);
  }

  /** What the program read and made itself; undefined where it read nothing. */
  get hostValues(): HostValues | undefined {
    return this.#own.values;
  }

  /** Whether a tensor is an input, or what an op gave: neither a parameter nor a constant. */
  #isComputed({ dataId }: Tensor): boolean {
    const { values, builder } = this.#recorder;
    const id = values.ofData(dataId);
    return id !== undefined && ["input", "result"].includes(builder.typeOf(id).kind);
  }

  #recordWhere(tensor: Tensor, values: TensorValues): boolean {
    // A row of coordinates for each element that is true.
    const [rows = 0, rank] = tensor.shape;
    const read = this.#latest?.read;
    if (read === undefined) return false;
    const { dtype, shape, size } = read.tensor;
    if (dtype !== "bool" || shape.length !== rank || size < rows) return false;
    const condition = known(read);
    if (condition === undefined || !isSame(tensor, values, where(condition))) return false;
    const operands = { condition: this.#recorder.values.of(read.tensor) };
    this.#forget(read);
    this.record("Where", operands, {}, read.place, [tensor]);
    return true;
  }

  #halfDiff(kept: Tensor, values: TensorValues): HalfDiff | undefined {
    const { read: y, before: x } = this.#latest ?? {};
    if (x === undefined || y === undefined || kept.shape.length !== 1) return undefined;
    const areLists = x.tensor.shape.length === 1 && y.tensor.shape.length === 1;
    if (!areLists || kept.size > x.tensor.size || y.tensor.dtype !== x.tensor.dtype)
      return undefined;
    const [ofX, ofY] = [known(x), known(y)];
    if (ofX === undefined || ofY === undefined) return undefined;
    const [expected, places] = listDiff(ofX, ofY);
    return isSame(kept, values, expected) ? { x, y, kept, places } : undefined;
  }

  #recordDiff({ x, y, kept }: HalfDiff, places: Tensor): void {
    const { values } = this.#recorder;
    const operands = { x: values.of(x.tensor), y: values.of(y.tensor) };
    this.#forget(x, y);
    this.record("ListDiff", operands, {}, x.place, [kept, places]);
  }

  /** These reads are used up: what they are for is known. */
  #forget(...reads: readonly PlacedRead[]): void {
    this.#latest = undefined;
    for (const read of reads) this.#own.dropRead(read);
  }
}

/** Whether TensorFlow.js runs a node of a graph model: it reads and makes what the node needs. */
function isNode({ frame }: Place): boolean {
  return frame !== undefined && frame.layer === undefined;
}

/** What was read, if it is there, and its tensor is too. */
function known({ tensor, values }: Read): HostTensor | undefined {
  if (values === undefined || tensor.isDisposed) return undefined;
  const { shape, dtype } = tensor;
  // Sound: strings are texts here, and are only compared.
  return { values: values as HostTensor["values"], shape, dtype };
}

function isSame({ dtype, shape }: Tensor, values: TensorValues, expected: HostTensor): boolean {
  return (
    dtype === expected.dtype &&
    shape.length === expected.shape.length &&
    shape.every((length, axis) => length === expected.shape[axis]) &&
    values.length === sizeOf(shape) &&
    expected.values.every((value: unknown, place: number) => Object.is(value, values[place]))
  );
}
