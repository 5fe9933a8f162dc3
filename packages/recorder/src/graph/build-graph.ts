import {
  addNotes,
  annotate,
  type DeviceEvent,
  type Graph,
  GraphBuilder,
  type OpId,
  RECORDING,
  type ValueId,
} from "@opcounter/ir/core";
import { checkBuffer, type Refusal } from "@opcounter/tracer/webgpu";
import type { Entry, PipelineFacts } from "../commands.ts";
import { CommandOps } from "./command-ops.ts";
import { pipelineNames } from "./names.ts";
import { MemoryLog } from "./recorded-memory.ts";
import { type ShaderFacts, shaderFacts } from "./shader.ts";
import { ValueMap } from "./value-map.ts";

/** What is known of a recording besides its entries. */
export interface RecordingFacts {
  readonly name: string;
  readonly device: string;
  /** What the reader of a report should know. */
  readonly notes: readonly string[];
}

/**
 * The graph of what a program did with WebGPU: an op for each command, in the order in which queues
 * were given them. The same entries give the same graph, on whatever device.
 */
export function buildGraph(entries: readonly Entry[], facts: RecordingFacts): Graph {
  const recording = new Replay(entries, facts);
  for (const entry of entries) recording.add(entry);
  return recording.graph(facts.notes);
}

/** What happened so far. */
class Replay {
  readonly #builder: GraphBuilder;
  readonly #values: ValueMap;
  readonly #ops: CommandOps;
  readonly #memory = new MemoryLog();
  readonly #events: (DeviceEvent & { readonly op?: OpId })[] = [];
  readonly #shaders = new Map<string, string>();
  readonly #facts = new Map<PipelineFacts, ShaderFacts>();
  readonly #nameOf: (pipeline: PipelineFacts) => string;
  /** The values that the program read, each once. */
  readonly #read = new Set<ValueId>();
  #submits = 0;

  constructor(entries: readonly Entry[], { name, device }: RecordingFacts) {
    this.#builder = new GraphBuilder(name, device);
    this.#values = new ValueMap(this.#builder);
    const shaderOf = (pipeline: PipelineFacts) => this.#shaderOf(pipeline);
    this.#nameOf = pipelineNames(pipelinesIn(entries), (each) => shaderOf(each).entryPoint);
    this.#ops = new CommandOps(this.#builder, this.#values, { nameOf: this.#nameOf, shaderOf });
  }

  graph(notes: readonly string[]): Graph {
    this.#builder.setResults([...this.#read]);
    const graph = this.#builder.build();
    const { memory } = this.#memory;
    annotate(graph, RECORDING, {
      ...{ events: this.#events, reads: [], memory, shaders: this.#shaders },
    });
    addNotes(graph, notes);
    return graph;
  }

  add(entry: Entry): void {
    switch (entry.kind) {
      case "create": {
        const { buffer } = entry;
        const { limits } = buffer.device;
        this.#values.create(buffer);
        this.#events.push(this.#memory.create(buffer));
        if (limits !== undefined) checkBuffer(limits, buffer.size, this.#refused);
        break;
      }
      case "held":
        this.#values.held(entry.buffer, entry.data);
        this.#memory.create(entry.buffer);
        break;
      case "destroy": {
        const event = this.#memory.destroy(entry.buffer);
        if (event !== undefined) this.#events.push(event);
        break;
      }
      case "compile":
        this.#compiled(entry.pipeline);
        break;
      case "write":
        this.#values.given(entry.to, entry.data);
        this.#events.push({ kind: "upload", bytes: entry.to.bytes });
        break;
      case "upload": {
        const { name, bytes } = entry;
        const op = this.#ops.other(name, { attrs: { bytes } });
        this.#events.push({ op, kind: "upload", bytes });
        break;
      }
      case "read":
        this.#read.add(this.#values.valueOf(entry.from, false));
        this.#events.push({ kind: "readback", bytes: entry.from.bytes });
        break;
      case "submit":
        this.#submitted(entry);
    }
  }

  #compiled(pipeline: PipelineFacts): void {
    const { shader, source } = pipeline;
    this.#shaders.set(shader, source);
    this.#events.push({ kind: "compile", program: this.#nameOf(pipeline), shader });
  }

  #submitted({ commands, device }: Extract<Entry, { readonly kind: "submit" }>): void {
    const submit = this.#submits++;
    for (const command of commands) {
      const op = this.#ops.add(command, submit);
      if (device.limits === undefined || command.kind !== "dispatch") continue;
      this.#ops.check(command, device.limits, (refusal) => this.#refused(refusal, op));
    }
    const dispatches = commands.filter(({ kind }) => kind === "dispatch").length;
    this.#events.push({ kind: "submit", dispatches });
  }

  readonly #refused = (refusal: Refusal, op?: OpId): void => {
    this.#events.push({ ...(op === undefined ? {} : { op }), kind: "refusal", ...refusal });
  };

  #shaderOf(pipeline: PipelineFacts): ShaderFacts {
    const facts = this.#facts.get(pipeline) ?? shaderFacts(pipeline);
    this.#facts.set(pipeline, facts);
    return facts;
  }
}

/** The pipelines that were made: each has a name, whether it ran or not. */
function pipelinesIn(entries: readonly Entry[]): PipelineFacts[] {
  return entries.flatMap((entry) => (entry.kind === "compile" ? [entry.pipeline] : []));
}
