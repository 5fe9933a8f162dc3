import {
  type DispatchProblem,
  type DispatchWork,
  isProblem,
  workAttributes,
} from "@opcounter/executed";
import type {
  Attributes,
  Dispatch,
  Extent,
  GraphBuilder,
  Operands,
  OpId,
  TensorType,
  ValueId,
  WebGpuLimits,
} from "@opcounter/ir/core";
import { checkBindings, checkDispatch, type Refusal } from "@opcounter/tracer/webgpu";
import type { BoundBuffer, BufferRange, Command, PipelineFacts } from "../commands.ts";
import { type DispatchCommand, isIndirect, workgroupsIn, workOf } from "./launch.ts";
import type { ShaderBuffer, ShaderFacts } from "./shader.ts";
import { typeOf, type ValueMap } from "./value-map.ts";

/** A buffer that a dispatch binds, with what the shader makes of it. */
interface Used extends ShaderBuffer {
  readonly range: BoundBuffer;
}

interface Pipelines {
  nameOf(pipeline: PipelineFacts): string;
  shaderOf(pipeline: PipelineFacts): ShaderFacts;
}

/** Makes ops of commands. */
export class CommandOps {
  readonly #builder: GraphBuilder;
  readonly #values: ValueMap;
  readonly #pipelines: Pipelines;
  /** What was counted: a program dispatches the same again and again. */
  readonly #counted = new Map<string, DispatchWork>();

  constructor(builder: GraphBuilder, values: ValueMap, pipelines: Pipelines) {
    this.#builder = builder;
    this.#values = values;
    this.#pipelines = pipelines;
  }

  /** Appends a command of textures or of rendering, or an upload that has no buffer. */
  other(
    name: string,
    {
      attrs = {},
      scope = [],
      reads = [],
      writes = [],
    }: {
      readonly attrs?: Attributes;
      readonly scope?: readonly string[];
      readonly reads?: readonly BufferRange[];
      readonly writes?: readonly BufferRange[];
    },
  ): OpId {
    const values = reads.map((range) => this.#values.valueOf(range, false));
    const operands = Object.fromEntries(values.map((value, i) => [String(i), value]));
    const types = writes.map(({ bytes }) => typeOf(bytes, false));
    const results = this.#op(`webgpu.${name}`, { operands, attrs, scope, types });
    writes.forEach((range, i) => {
      this.#computed(range, results[i]);
    });
    return this.#last;
  }

  /** Appends the op of a command. */
  add(command: Command, submit: number): OpId {
    const { scope } = command;
    switch (command.kind) {
      case "dispatch":
        this.#dispatch(command, submit);
        break;
      case "copy": {
        const { from, to } = command;
        const source = this.#values.valueOf(from, false);
        const type = { ...typeOf(from.bytes, false), dtype: this.#builder.typeOf(source).dtype };
        const known = this.#values.bytes(from);
        const [copy] = this.#op("webgpu.copyBufferToBuffer", {
          ...{ operands: { 0: source }, attrs: { submit }, scope, types: [type] },
        });
        this.#computed(to, copy, known);
        break;
      }
      case "clear": {
        const types = [typeOf(command.to.bytes, false)];
        const [cleared] = this.#op("webgpu.clearBuffer", { attrs: { submit }, scope, types });
        this.#computed(command.to, cleared, "zeros");
        break;
      }
      case "other": {
        const { name, pipeline, reads, writes } = command;
        const attrs = { submit, ...(pipeline === "" ? {} : { pipeline }) };
        this.other(name, { attrs, scope, reads, writes });
      }
    }
    return this.#last;
  }

  #dispatch(command: DispatchCommand, submit: number): void {
    const { pipeline, scope, textures } = command;
    const used = this.#used(command);
    const workgroups = this.#workgroupsOf(command);
    // Where no workgroup runs, nothing is loaded or stored.
    const touched = workgroups?.includes(0) ? [] : used;
    const loaded = touched.filter(({ isUniform, isLoaded }) => isLoaded && !isUniform);
    const stored = touched.filter(({ isStored }) => isStored);
    const work = workOf(command, workgroups, (range) => this.#values.bytes(range), this.#counted);
    const kept = storesLess(work, stored)
      ? stored.filter(({ isLoaded, range }) => !isLoaded && this.#values.isKnown(range))
      : [];
    const operands = [...loaded, ...kept].map(({ name, range, isFloat }) => [
      name,
      this.#values.valueOf(range, isFloat),
    ]);
    const results = this.#op(`wgsl.${this.#pipelines.nameOf(pipeline)}`, {
      operands: Object.fromEntries(operands),
      attrs: {
        submit,
        writes: stored.map(({ name }) => name),
        ...(kept.length === 0 ? {} : { keeps: kept.map(({ name }) => name) }),
        ...(textures === 0 ? {} : { textures }),
        ...workAttributes(work),
      },
      scope,
      types: stored.map(({ range, isFloat }) => typeOf(range.bytes, isFloat)),
      dispatches: [this.#dispatchOf(command, used, workgroups)],
    });
    stored.forEach(({ range }, i) => {
      this.#computed(range, results[i]);
    });
  }

  /** The buffers that the shader uses, by group and binding. */
  #used({ pipeline, bindings }: DispatchCommand): Used[] {
    const { buffers } = this.#pipelines.shaderOf(pipeline);
    return bindings.flatMap((range) => {
      const { group, binding } = range;
      const found = buffers.find((each) => each.group === group && each.binding === binding);
      return found === undefined ? [] : [{ ...found, range }];
    });
  }

  #dispatchOf(
    { pipeline }: DispatchCommand,
    used: readonly Used[],
    workgroups: Extent = NO_WORKGROUPS,
  ): Dispatch {
    const { workgroupSize } = this.#pipelines.shaderOf(pipeline);
    const { shader, entryPoint, constants } = pipeline;
    const uniforms = used.filter(({ isUniform }) => isUniform);
    const [only] = uniforms;
    const words = only && uniforms.length === 1 ? this.#values.bytes(only.range) : undefined;
    return {
      ...{ program: this.#pipelines.nameOf(pipeline), workgroups },
      ...(shader === "" ? {} : { shader }),
      ...(workgroupSize === undefined ? {} : { workgroupSize }),
      ...(entryPoint === undefined ? {} : { entryPoint }),
      ...(Object.keys(constants).length === 0 ? {} : { constants }),
      buffers: used.map(({ range }) => range.bytes),
      ...(words === undefined ? {} : { uniforms: wordsOf(words) }),
    };
  }

  #workgroupsOf({ workgroups }: DispatchCommand): Extent | undefined {
    if (!isIndirect(workgroups)) return workgroups;
    const bytes = this.#values.bytes(workgroups);
    return bytes && workgroupsIn(bytes);
  }

  /** Tells of what a device with these limits refuses of a dispatch. */
  check(
    command: DispatchCommand,
    limits: WebGpuLimits,
    onRefusal: (refusal: Refusal) => void,
  ): void {
    const used = this.#used(command);
    const sizes = (isUniform: boolean) =>
      used.filter((each) => each.isUniform === isUniform).map(({ range }) => range.bytes);
    const storage = sizes(false);
    const bound = {
      largestStorage: Math.max(0, ...storage),
      storageBuffers: storage.length,
      uniform: Math.max(0, ...sizes(true)),
    };
    checkBindings(limits, bound, onRefusal);
    const { workgroupSize } = this.#pipelines.shaderOf(command.pipeline);
    const workgroups = this.#workgroupsOf(command);
    if (workgroupSize === undefined || workgroups === undefined) return;
    checkDispatch(limits, workgroups, workgroupSize, onRefusal);
  }

  #op(
    kernel: string,
    {
      operands = {},
      attrs,
      scope,
      types,
      dispatches = [],
    }: {
      readonly operands?: Operands;
      readonly attrs: Attributes;
      readonly scope: readonly string[];
      readonly types: readonly TensorType[];
      readonly dispatches?: readonly Dispatch[];
    },
  ): readonly ValueId[] {
    return this.#builder.op({ kernel, operands, attrs, scope, results: types, dispatches });
  }

  #computed(range: BufferRange, value: ValueId | undefined, data?: Uint8Array | "zeros"): void {
    if (value !== undefined) this.#values.computed(range, value, data);
  }

  get #last(): OpId {
    return this.#builder.opCount - 1;
  }
}

/** Whether a dispatch stores fewer bytes than its results have: the others are as they were. */
function storesLess(work: DispatchWork | DispatchProblem, stored: readonly Used[]): boolean {
  if (isProblem(work)) return false;
  return work.work.storeBytes < stored.reduce((sum, { range }) => sum + range.bytes, 0);
}

/** Of an indirect dispatch whose workgroups are not known. */
const NO_WORKGROUPS: Extent = [0, 0, 0];

/** The 32-bit words of a uniform buffer, as signed integers. */
function wordsOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length >> 2 }, (_, i) => view.getInt32(4 * i, true));
}
