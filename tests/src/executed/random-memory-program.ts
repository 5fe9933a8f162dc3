import type { Command } from "@opcounter/executed";
import fc from "fast-check";
import { Buffer, dispatch, type MemoryProgram } from "./memory-program.ts";

const BUFFERS = 3;
/** Words of each buffer. */
const WORDS = 96;

/** Integer expressions of `u32`: of the invocation's number, of loads at any index, and of each other. */
const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const inner = tie("expression");
  const word = fc.nat(0xffff_ffff).map((value) => `${value}u`);
  const binary = fc
    .tuple(fc.constantFrom("+", "-", "*", "/", "%", "&", "|", "^"), inner, inner)
    .map(([operator, a, b]) => `(${a} ${operator} one(${b}))`);
  return {
    expression: fc.oneof(
      { maxDepth: 3 },
      ...[fc.constant("i"), fc.constant("round"), word],
      ...[inner.map((index) => `given[${index}]`), inner.map((index) => `list[one(${index})]`)],
      inner.map((index) => `mine[one(${index})]`),
      binary,
      fc.tuple(inner, fc.nat(40)).map(([a, by]) => `(one(${a}) << (${by}u & 31u))`),
      fc.tuple(inner, inner).map(([a, by]) => `(${a} >> (${by} & 31u))`),
      inner.map((a) => `bitcast<u32>(-bitcast<i32>(one(${a})))`),
      fc.tuple(inner, inner).map(([a, b]) => `u32(bitcast<i32>(${a}) < bitcast<i32>(one(${b})))`),
      fc
        .tuple(inner, inner)
        .map(([a, b]) => `bitcast<u32>(bitcast<i32>(${a}) / bitcast<i32>(one(${b})))`),
      fc.tuple(inner, inner, inner).map(([a, b, c]) => `select(${a}, ${b}, ${c} > 99u)`),
      fc.tuple(inner, inner).map(([a, b]) => `min(${a}, max(${b}, 7u))`),
      // Of more bits, devices round as they like.
      inner.map((a) => `u32(f32(${a} & 0xffffffu) * 0.5)`),
    ),
  };
});

/** Statements that write the invocation's own word alone, and its own variables. */
const statement: fc.Arbitrary<string> = fc.oneof(
  expression.map((value) => `word = ${value};`),
  fc.tuple(expression, expression).map(([index, value]) => `mine[one(${index})] += ${value};`),
  fc.tuple(expression, expression).map(([a, b]) => `if (${a} > ${b}) { word += 3u; continue; }`),
  fc.tuple(expression, fc.nat(5)).map(([a, at]) => `if (${a} % 7u == ${at}u) { break; }`),
  expression.map((value) => `atomicAdd(&counts[${value} % 4u], 1u);`),
  expression.map((value) => `atomicXor(&counts[4u + ${value} % 4u], word);`),
);

const shader = fc
  .tuple(
    fc.array(statement, { minLength: 1, maxLength: 4 }),
    fc.constantFrom(1, 5, 32),
    fc.integer({ min: 0, max: 6 }),
    fc.boolean(),
    fc.array(fc.nat(0xffff_ffff), { minLength: 5, maxLength: 5 }),
  )
  .map(([statements, size, rounds, isTurned, words]) => ({
    size,
    source: `
@group(0) @binding(0) var<storage, read_write> to : array<u32>;
@group(0) @binding(1) var<storage, read> given : array<u32>;
@group(0) @binding(2) var<storage, read_write> counts : array<atomic<u32>>;
var<workgroup> tile : array<u32, ${size}>;
var<private> list : array<u32, 5>;
// What it gives is no constant, so that no operation is refused for its values.
fn one(x : u32) -> u32 { return x; }
@compute @workgroup_size(${size}) fn main(
  @builtin(global_invocation_id) id : vec3u, @builtin(local_invocation_index) place : u32) {
  let i = id.x;
  var mine : array<u32, 3>;
  ${words.map((word, k) => `list[${k}] = ${word}u;`).join(" ")}
  let used = given[0] + atomicLoad(&counts[0]);
  var word = 0u;
  if (i < arrayLength(&to)) { word = to[i]; }
  for (var round = 0u; round < ${rounds}u; round++) {
    ${statements.join("\n    ")}
  }
  tile[place] = word;
  workgroupBarrier();
  if (i >= arrayLength(&to)) { return; }
  to[i] = ${isTurned ? `tile[${size - 1}u - place]` : "tile[place]"} ^ mine[2];
}`,
  }));

const words = fc.integer({ min: 0, max: WORDS });
const place = fc.nat(BUFFERS - 1);

/** Of a buffer, the words from one place to another. */
const range = fc
  .tuple(place, words, words)
  .map(([buffer, a, b]) => ({ buffer, offset: 4 * Math.min(a, b), bytes: 4 * Math.abs(a - b) }));

type MakeCommand = (buffers: readonly Buffer[]) => Command;

function at(buffers: readonly Buffer[], index: number): Buffer {
  const buffer = buffers[index % BUFFERS];
  if (buffer === undefined) throw new RangeError(`no buffer ${index}`);
  return buffer;
}

const command: fc.Arbitrary<MakeCommand> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(shader, place, fc.nat(4)).map(dispatching) },
  {
    weight: 1,
    arbitrary: fc.tuple(range, fc.nat()).map(([{ buffer, offset, bytes }, seed]): MakeCommand => {
      const written = Uint8Array.from({ length: bytes }, (_, i) => (i * 37 + seed) % 256);
      return (buffers) => ({ kind: "write", buffer: at(buffers, buffer), offset, bytes: written });
    }),
  },
  {
    weight: 1,
    arbitrary: range.map(
      (each): MakeCommand =>
        (buffers) => ({ kind: "clear", ...each, buffer: at(buffers, each.buffer) }),
    ),
  },
  {
    weight: 1,
    arbitrary: range.map(
      ({ buffer, offset, bytes }): MakeCommand =>
        (buffers) => ({
          ...{ kind: "copy", from: at(buffers, buffer), fromOffset: offset },
          ...{ to: at(buffers, buffer + 1), toOffset: 4 * WORDS - bytes - (offset % 8), bytes },
        }),
    ),
  },
);

function dispatching([{ source, size }, first, workgroups]: [
  { source: string; size: number },
  number,
  number,
]): MakeCommand {
  return (buffers) => {
    const bound = [0, 1, 2].map((i) => at(buffers, first + i));
    return dispatch(source, bound, [Math.min(workgroups, Math.ceil(WORDS / size)), 1, 1]);
  };
}

/** Dispatches of random shaders, with copies, writes and clears between. */
export const randomProgram: fc.Arbitrary<MemoryProgram> = fc
  .tuple(fc.array(command, { minLength: 1, maxLength: 5 }), fc.nat())
  .map(([commands, seed]) => {
    const wordAt = (_: unknown, i: number) => Math.imul(i + seed, 0x9e3779b1) >>> (seed % 31);
    const buffers = Array.from(
      { length: BUFFERS },
      (_, k) => new Buffer(Uint32Array.from({ length: WORDS }, (_, i) => wordAt(_, i + 7 * k))),
    );
    const made = commands.map((make) => make(buffers));
    return { buffers, commands: made, [fc.toStringMethod]: () => described(made, seed) };
  });

/** What a failure prints. */
function described(commands: readonly Command[], seed: number): string {
  const each = commands.map((command) =>
    command.kind === "dispatch"
      ? `dispatch ${command.launch.workgroups} of ${command.launch.source}`
      : command.kind,
  );
  return `contents ${seed}; ${each.join("; ")}`;
}
