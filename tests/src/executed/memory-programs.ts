import type { Command, ShaderLaunch } from "@opcounter/executed";
import { Buffer, dispatch, type MemoryProgram } from "./memory-program.ts";

const integers = (count: number, value: (i: number) => number) =>
  Int32Array.from({ length: count }, (_, i) => value(i));
const unsigned = (count: number, value: (i: number) => number) =>
  Uint32Array.from({ length: count }, (_, i) => value(i));
/** Floats of few bits, whose sums and products are exact. */
const floats = (count: number, seed = 1) =>
  Float32Array.from({ length: count }, (_, i) => (((i + seed) * 7919) % 33) / 8 - 2);

/** Declarations of the bindings of group 0, in order. */
function buffers(...types: readonly string[]): string {
  return types
    .map((type, i) => `@group(0) @binding(${i}) var<${type.replace("|", `> b${i} : `)};`)
    .join("\n");
}
const WRITTEN = "storage, read_write|array<f32>";
const READ = "storage, read|array<f32>";

function alone(...args: Parameters<typeof dispatch>): MemoryProgram {
  return { buffers: args[1], commands: [dispatch(...args)] };
}

/** Programs of many kinds, by what they do. */
export const MEMORY_PROGRAMS: Readonly<Record<string, () => MemoryProgram>> = {
  "a matrix product": () =>
    alone(
      `${buffers(WRITTEN, READ, READ, "uniform|vec4u")}
      @compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id : vec3u) {
        if (id.x >= b3.x || id.y >= b3.x) { return; }
        var sum = 0.0;
        for (var k = 0u; k < b3.x; k++) { sum += b1[id.y * b3.x + k] * b2[k * b3.x + id.x]; }
        b0[id.y * b3.x + id.x] = sum;
      }`,
      [
        ...[new Buffer(new Float32Array(400)), new Buffer(floats(400)), new Buffer(floats(400, 5))],
        new Buffer(unsigned(4, () => 20)),
      ],
      [3, 3, 1],
    ),
  "a matrix product with tiles": () =>
    alone(
      `const N = 32u; const T = 8;
      ${buffers(WRITTEN, READ, READ)}
      var<workgroup> a : array<array<f32, T>, T>;
      var<workgroup> b : array<array<f32, T>, T>;
      @compute @workgroup_size(T, T) fn main(
        @builtin(global_invocation_id) id : vec3u, @builtin(local_invocation_id) l : vec3u) {
        var sum = 0.0;
        for (var t = 0u; t < N; t += u32(T)) {
          a[l.y][l.x] = b1[id.y * N + t + l.x];
          b[l.y][l.x] = b2[(t + l.y) * N + id.x];
          workgroupBarrier();
          for (var k = 0; k < T; k++) { sum = fma(a[l.y][k], b[k][l.x], sum); }
          workgroupBarrier();
        }
        b0[id.y * N + id.x] = sum;
      }`,
      [new Buffer(new Float32Array(1024)), new Buffer(floats(1024)), new Buffer(floats(1024, 3))],
      [4, 4, 1],
    ),
  "a histogram by atomics, of words that a hash makes": () =>
    alone(
      `${buffers("storage, read_write|array<atomic<u32>>", "storage, read_write|array<u32>")}
      fn mixed(given : u32) -> u32 {
        var x = given * 2654435769u;
        x ^= x >> 16u; x *= 0x85ebca6bu; x ^= x >> 13u; x = (x << 5u) | (x >> 27u);
        return (x ^ ~(x % 1000003u)) - x / 7u;
      }
      @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id : vec3u) {
        let x = mixed(id.x + 1u);
        b1[id.x] = x;
        atomicAdd(&b0[x % 16u], 1u);
        atomicMax(&b0[16], x);
        atomicMin(&b0[17], x);
        atomicXor(&b0[18], x);
        atomicAdd(&b0[19], x);
      }`,
      [new Buffer(unsigned(20, (i) => (i === 17 ? 2 ** 32 - 1 : 0))), new Buffer(256)],
      [4, 1, 1],
    ),
  "a prefix sum in the workgroup's memory": () =>
    alone(
      `${buffers("storage, read_write|array<i32>")}
      var<workgroup> sums : array<i32, 64>;
      @compute @workgroup_size(64) fn main(
        @builtin(local_invocation_index) i : u32, @builtin(workgroup_id) group : vec3u) {
        sums[i] = b0[group.x * 64 + i];
        for (var step = 1u; step < 64; step *= 2) {
          workgroupBarrier();
          var before = 0;
          if (i >= step) { before = sums[i - step]; }
          workgroupBarrier();
          sums[i] += before;
        }
        b0[group.x * 64 + i] = sums[i];
      }`,
      [new Buffer(integers(192, (i) => (i * 37) % 19))],
      [3, 1, 1],
    ),
  "indices outside, which are those of the last elements": () =>
    alone(
      `struct Pair { count : u32, pairs : array<vec2i, 3> }
      ${buffers("storage, read_write|array<i32>", "storage, read|array<vec3i>", "storage, read_write|Pair")}
      var<private> own : array<i32, 3>;
      var<workgroup> shared_ : array<array<i32, 2>, 2>;
      @compute @workgroup_size(1) fn main() {
        let far = b1[0].x;
        var local : array<i32, 5>;
        local[3 + far] = 7; local[-far] = 8; own[1] = 5; own[far] = 9; own[-1 - far] += 1;
        shared_[far][far + 7] = 6; shared_[-far][0] = 4;
        var v = vec4i(1, 2, 3, 4);
        v[far] = 11;
        b0[0] = b1[far].y; b0[1] = b1[-far].z; b0[2] = local[far]; b0[3] = own[far];
        b0[4] = shared_[1][1]; b0[5] = shared_[1][0]; b0[6] = v[-far]; b0[7] = v[far * 3];
        b0[8] = b2.pairs[far].x; b2.pairs[-far].y = 33; b0[9] = i32(arrayLength(&b1));
        b0[far] = 55;
        b0[-far] = b0[far * 2] + 1;
        b2.count = arrayLength(&b0);
      }`,
      [
        ...[new Buffer(24), new Buffer(integers(15, (i) => i + 100))],
        new Buffer(integers(8, (i) => i + 1)),
      ],
    ),
  "structs, as wholes and by member, in place": () =>
    alone(
      `struct Body { at : vec3f, mass : f32, moves : vec2f, kind : u32 }
      struct World { step : f32, count : u32, bodies : array<Body> }
      ${buffers("storage, read_write|World")}
      fn moved(body : Body, step : f32) -> Body {
        var next = body;
        next.at += vec3f(body.moves * step, body.mass);
        next.kind = body.kind * 3u + 1u;
        return next;
      }
      @compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id : vec3u) {
        if (id.x >= min(b0.count, arrayLength(&b0.bodies))) { return; }
        let body = b0.bodies[id.x];
        b0.bodies[id.x] = moved(body, b0.step);
      }`,
      [
        new Buffer(
          Float32Array.from({ length: 4 + 12 * 7 }, (_, i) =>
            i === 0 ? 0.5 : i === 1 ? 7e-45 : i,
          ),
        ),
      ],
      [2, 1, 1],
    ),
  "integers that wrap, divide by zero and shift far": () =>
    alone(
      `${buffers("storage, read_write|array<i32>", "storage, read|array<i32>")}
      @compute @workgroup_size(1) fn main() {
        let zero = b1[0]; let most = b1[1]; let least = b1[2]; let some = b1[3];
        b0[0] = most + 1 + zero; b0[1] = least - some; b0[2] = most * some; b0[3] = some / zero;
        b0[4] = some % zero; b0[5] = least / (zero - 1); b0[6] = least % (zero - 1);
        b0[7] = -least; b0[8] = abs(least); b0[9] = some << u32(33 + zero);
        b0[10] = least >> u32(some); b0[11] = i32(u32(least) >> u32(some)); b0[12] = ~some & most;
        b0[13] = some % -3; b0[14] = -some % 3; b0[15] = i32(f32(some) * 1e20);
        b0[16] = i32(u32(f32(-some))); b0[17] = bitcast<i32>(f32(some) / 3.0);
        b0[18] = i32(f32(most)); b0[19] = i32(bool(some)) + i32(some > 3 && zero == 0);
        b0[20] = clamp(some, 20, 30) + min(least, most) + max(some, 3) + sign(least);
        b0[21] = i32(bitcast<f32>(1067030938 + zero) * 1000.0);
        b0[22] = select(1, 2, vec2<bool>(some > 0, zero > 0).y);
      }`,
      [new Buffer(23), new Buffer(Int32Array.from([0, 2 ** 31 - 1, -(2 ** 31), 11]))],
    ),
  "floats, rounded at each step": () =>
    alone(
      `${buffers(WRITTEN, READ)}
      @compute @workgroup_size(16) fn main(@builtin(global_invocation_id) id : vec3u) {
        let i = id.x;
        let x = b1[i] / 3.0;
        b0[8 * i] = x * 0.1 + x;
        b0[8 * i + 1] = floor(x) + ceil(x) * trunc(x) - fract(x);
        b0[8 * i + 2] = round(b1[i]) + sign(x) + abs(x) + step(x, 0.25);
        b0[8 * i + 3] = min(x, 0.5) - max(x, -0.5) + clamp(x, -0.1, 0.1);
        b0[8 * i + 4] = dot(vec3f(x, 1.0, 2.0), vec3f(0.5, x, 0.25));
        b0[8 * i + 5] = mix(x, 2.0, 0.25) % 0.7;
        b0[8 * i + 6] = f32(u32(abs(b1[i])) * 16777259u);
        b0[8 * i + 7] = select(-x, x, x < 0.0);
      }`,
      [new Buffer(new Float32Array(8 * 48)), new Buffer(floats(48))],
      [3, 1, 1],
    ),
  "functions, pointers and branches, left early": () =>
    alone(
      `${buffers("storage, read_write|array<i32>")}
      fn collatz(start : i32) -> i32 {
        var x = start; var steps = 0;
        loop {
          if (x <= 1) { return steps; }
          if (x % 2 == 0) { x /= 2; continue; }
          x = 3 * x + 1;
          continuing { steps++; if (steps > 90) { steps += 1000; } }
        }
        return -1;
      }
      fn add(sum : ptr<function, i32>, by : i32) { if (by < 0) { return; } *sum += by; }
      @compute @workgroup_size(32) fn main(@builtin(global_invocation_id) id : vec3u) {
        let i = i32(id.x);
        var sum = 0;
        for (var k = 0; k < 100; k++) {
          if (k == i) { break; }
          if (k % 3 == 1) { continue; }
          add(&sum, k - 20);
        }
        while (sum > 100) { sum -= 17; }
        b0[i] = sum * 1000 + collatz(i % 26);
      }`,
      [new Buffer(64)],
      [2, 1, 1],
    ),
  "compare-and-exchange, and exchange": () =>
    alone(
      `${buffers("storage, read_write|array<atomic<i32>, 4>", "storage, read_write|array<i32>")}
      @compute @workgroup_size(1) fn main(@builtin(workgroup_id) id : vec3u) {
        let got = atomicCompareExchangeWeak(&b0[0], 3, 40);
        b1[0] = got.old_value; b1[1] = i32(got.exchanged);
        let not = atomicCompareExchangeWeak(&b0[0], 3, 50);
        b1[2] = not.old_value; b1[3] = i32(not.exchanged);
        b1[4] = atomicExchange(&b0[1], -5); b1[5] = atomicSub(&b0[2], 9);
        b1[6] = atomicOr(&b0[3], 12); b1[7] = atomicAnd(&b0[3], 6); atomicStore(&b0[1], 77);
        b1[8] = atomicLoad(&b0[1]);
      }`,
      [new Buffer(Int32Array.from([3, 4, 5, 6])), new Buffer(9)],
    ),
  "a chain of dispatches, with copies, writes and clears between": () => {
    const [a, b, c] = [
      new Buffer(floats(128)),
      new Buffer(new Float32Array(128)),
      new Buffer(floats(64, 9)),
    ];
    const double = `${buffers(WRITTEN, READ)}
      @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id : vec3u) {
        b0[id.x] = b1[id.x] * 2.0 + b0[id.x];
      }`;
    const launch = (to: Buffer, from: Buffer, offset: number): Command => ({
      kind: "dispatch",
      launch: {
        source: double,
        workgroups: [1, 1, 1],
        bindings: [
          { group: 0, binding: 0, buffer: to, offset: 0, bytes: 256 },
          { group: 0, binding: 1, buffer: from, offset, bytes: 256 },
        ],
      },
    });
    const bytes = new Uint8Array(floats(3, 4).buffer);
    return {
      buffers: [a, b, c],
      commands: [
        launch(b, a, 0),
        { kind: "copy", from: b, fromOffset: 8, to: c, toOffset: 40, bytes: 100 },
        launch(b, a, 256),
        { kind: "write", buffer: a, offset: 12, bytes },
        { kind: "clear", buffer: c, offset: 4, bytes: 44 },
        launch(b, c, 0),
        { kind: "copy", from: a, fromOffset: 0, to: b, toOffset: 256, bytes: 256 },
        launch(c, a, 256),
      ],
    };
  },
  "entry points and constants": () => {
    const source = `override size : u32; @id(3) override scale : f32 = 2; override isOn = true;
      var<workgroup> tile : array<f32, size>;
      ${buffers(WRITTEN)}
      @compute @workgroup_size(size) fn turn(
        @builtin(local_invocation_index) i : u32, @builtin(num_workgroups) n : vec3u) {
        tile[i] = b0[i] * scale + f32(n.x);
        workgroupBarrier();
        if (isOn) { b0[i] = tile[size - 1 - i]; }
      }
      @compute @workgroup_size(1) fn one() { b0[0] = 99.0; }`;
    const buffer = new Buffer(floats(32));
    const at = (entryPoint: string, constants: Readonly<Record<string, number>>) =>
      dispatch(source, [buffer], [1, 1, 1], { entryPoint, constants });
    const turn = { size: 32, 3: 0.5 };
    return {
      buffers: [buffer],
      commands: [at("turn", turn), at("turn", { ...turn, isOn: 0 }), at("one", { size: 1 })],
    };
  },
  "several bind groups, and the built-ins": () => {
    const [a, b] = [new Buffer(unsigned(4, (i) => i + 5)), new Buffer(4 * 4 * 12)];
    const source = `
      @group(1) @binding(7) var<uniform> given : vec4u;
      @group(0) @binding(2) var<storage, read_write> to : array<vec4u>;
      @compute @workgroup_size(2, 3, 1) fn main(
        @builtin(workgroup_id) group : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(local_invocation_id) local : vec3u, @builtin(local_invocation_index) i : u32,
        @builtin(global_invocation_id) id : vec3u) {
        to[(group.z * groups.x + group.x) * 6 + i] = given + vec4u(id.xy, local.y, group.z);
      }`;
    const bindings = [
      { group: 1, binding: 7, buffer: a, offset: 0, bytes: 16 },
      { group: 0, binding: 2, buffer: b, offset: 0, bytes: b.bytes },
    ];
    const launch: ShaderLaunch = { source, workgroups: [2, 1, 4], bindings };
    return { buffers: [a, b], commands: [{ kind: "dispatch", launch }] };
  },
};
