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

/** The first result of `tf.setdiff1dAsync`, until its second is made. */
interface HalfDiff {
  readonly x: PlacedRead;
  readonly y: PlacedRead;
  readonly kept: Tensor;
  readonly places: HostTensor;
}

/** Among how many of the last reads the condition of a `tf.whereAsync` is looked for. */
const MOST_READS = 64;

/** Among how many reads of lists those of a `tf.setdiff1dAsync` are: any two are tried. */
const MOST_LISTS = 8;

/**
 * Follows what is computed on the host outside kernels, from values that are read.
 *
 * `tf.whereAsync` and `tf.setdiff1dAsync` are told by what they give: a tensor that holds what the
 * function gives of values that were read is an op. Nothing else of them can be watched, since a
 * module's exports cannot be replaced.
 */
export class HostWork implements HostValuesListener {
  readonly #recorder: Recorder;
  readonly #uses: OutsideUses;
  /** The last reads, the oldest first. */
  #recent: PlacedRead[] = [];
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

  read(read: Read, values: unknown): void {
    if (this.#recorder.runningKernel !== undefined) return;
    this.onRead?.(values);
    this.#uses.read(read);
    if (this.#collected !== undefined) {
      this.#collected.push(read);
      return;
    }
    const { place } = this.#recorder;
    // `values` comes later, so the object stays the same.
    const placed = Object.assign(read, { place });
    if (!isNode(place) && this.#isComputed(read.tensor)) this.#own.addRead(read);
    if (read.isAsync) this.#recent = [...this.#recent, placed].slice(-MOST_READS);
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
    const read = this.#recent.findLast((read) => {
      const { dtype, shape, size } = read.tensor;
      if (dtype !== "bool" || shape.length !== rank || size < rows) return false;
      const condition = known(read);
      return condition !== undefined && isSame(tensor, values, where(condition));
    });
    if (read === undefined) return false;
    const operands = { condition: this.#recorder.values.of(read.tensor) };
    this.#forget(read);
    this.record("Where", operands, {}, read.place, [tensor]);
    return true;
  }

  #halfDiff(kept: Tensor, values: TensorValues): HalfDiff | undefined {
    if (kept.shape.length !== 1) return undefined;
    const lists = this.#recent.filter(({ tensor }) => tensor.shape.length === 1);
    const latest = lists.slice(-MOST_LISTS).toReversed();
    for (const [i, y] of latest.entries()) {
      // The function reads y when it has x.
      for (const x of latest.slice(i + 1)) {
        const couldBe = kept.size <= x.tensor.size && y.tensor.dtype === x.tensor.dtype;
        const [ofX, ofY] = couldBe ? [known(x), known(y)] : [];
        if (ofX === undefined || ofY === undefined) continue;
        const [expected, places] = listDiff(ofX, ofY);
        if (isSame(kept, values, expected)) return { x, y, kept, places };
      }
    }
    return undefined;
  }

  #recordDiff({ x, y, kept }: HalfDiff, places: Tensor): void {
    const { values } = this.#recorder;
    const operands = { x: values.of(x.tensor), y: values.of(y.tensor) };
    this.#forget(x, y);
    this.record("ListDiff", operands, {}, x.place, [kept, places]);
  }

  /** These reads are used up: what they are for is known. */
  #forget(...reads: readonly PlacedRead[]): void {
    this.#recent = this.#recent.filter((read) => !reads.includes(read));
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
