import type { Work } from "@opcounter/executed";

/** A program of WGSL that has one feature of the language. */
export interface WgslProgram {
  /** What stands before the entry point. */
  readonly module?: string;
  /**
   * The body of the entry point: `i` is the invocation, of 16 in two workgroups. It reads the floats
   * `x` and the integers `n`, and writes the floats `f` and the integers `r`.
   */
  readonly body: string;
  /**
   * What an invocation executes on average, counted by hand; stores a word unless it says else.
   */
  readonly work: Partial<Work>;
  /** What it executes at most, where buffers decide. */
  readonly atMost?: Partial<Work>;
  /** Whether it has functions that the reference interpreter lacks. */
  readonly hasNoReference?: true;
  /** Why no device of the tests runs it. */
  readonly notRun?: string;
}

export const INVOCATIONS = 16;

export const PROGRAMS: Readonly<Record<string, WgslProgram>> = {
  "a switch": {
    body: `
      switch (i % 4) {
        case 0: { r[i] = 10; }
        case 1, 2: { r[i] = 20; r[i] = r[i] + 1; r[i] = r[i] + i; }
        default: { r[i] = 30; }
      }`,
    // The remainder and a comparison for all; two more comparisons for 12; two sums for 8.
    work: {
      integers: (16 + 16 + 2 * 12 + 2 * 8) / 16,
      ...{ loads: 1, loadBytes: 4, stores: 2, storeBytes: 8 },
    },
  },
  "a switch with its default among its cases, which break, continue and return": {
    module: `
      fn pick(k : i32) -> i32 {
        switch k { default: { return 7; } case 2: { if (k > 1) { break; } return 9; } case 1, 3: { } }
        return 8;
      }`,
    body: `
      var sum = 0;
      for (var k = 0; k < 5; k++) {
        switch (k) { case 3: { continue; } default: { } }
        sum += pick(k);
      }
      r[i] = sum;`,
    // 6 tests and 5 steps of the loop; 5 comparisons with 3, and 4 sums; in `pick`, for 0, 1, 2 and
    // 4, a comparison with 2, then two more for all but 2, and k > 1 for 2.
    work: { integers: 6 + 5 + 5 + 4 + 4 + 2 * 3 + 1 },
  },
  "a loop that ends by break if": {
    body: "var k = 0; loop { r[i] = k; continuing { k++; break if k > i; } }",
    // Invocation i takes i + 1 rounds, 136 in all, with a step and a comparison each.
    work: { integers: (2 * 136) / 16, stores: 136 / 16, storeBytes: (4 * 136) / 16 },
  },
  "while, loop and nested blocks": {
    body: `
      var k = 0;
      while k < 3 { { let k2 = k * 2; r[i] = k2; } k += 1; }
      loop { if (k) == 5 { break; } k++; }
      { let k = 1; r[i] = r[i] + k; }`,
    // 4 comparisons, 3 products, 3 steps; 3 comparisons and 2 steps; a sum.
    work: { integers: 4 + 3 + 3 + 3 + 2 + 1, loads: 1, loadBytes: 4, stores: 4, storeBytes: 16 },
  },
  "a parenthesized first operand": {
    body: "if ((x[i] > 0.0) && (i < 8)) || (i == 12) { r[i] = 1; }",
    work: {
      ...{ comparisons: 1, integers: 2, loads: 1, loadBytes: 4 },
      ...{ stores: 1 / 16, storeBytes: 4 / 16 },
    },
    atMost: { stores: 9 / 16 },
  },
  "matrices times vectors, matrices and scalars": {
    body: `
      let m = mat2x3<f32>(x[i], x[1], x[2], x[3], x[4], x[5]);
      let v = m * vec2f(x[6], x[7]);
      let w = v * m;
      let square = transpose(m) * m;
      f[i] = (square * 2.0)[1].y + w.x + v.z + (m + m)[0][1] + (m - m)[1].x;`,
    // m·v: 3 rows of 2; v·m: 2 columns of 3; mᵀ·m: 4 dot products of 3; twice a square: 4.
    work: {
      ...{ multiplications: 3 + 2 + 4 + 4, multiplyAdds: 3 + 2 * 2 + 4 * 2 },
      ...{ additions: 6 + 6 + 4, loads: 8, loadBytes: 32 },
    },
  },
  "matrices in variables, with columns chosen while it runs": {
    module: "var<private> p : mat3x3f; var<workgroup> q : array<mat2x2<f32>, 8>;",
    body: `
      var m = mat4x2<f32>();
      m[i % 4] = vec2(x[i], 1.0);
      m[(i + 1) % 4].y = 3.0;
      m[2][i % 2] += 0.5;
      p[i % 3][1] = x[i];
      q[i % 8][1] = m[i % 4];
      workgroupBarrier();
      f[i] = m[0].x + m[1].y + m[2].y + p[i % 3].y + q[7 - i % 8][1][i % 2];`,
    work: {
      ...{ integers: 1 + 2 + 1 + 1 + 2 + 1 + 2 + 1, additions: 5 },
      ...{ sharedStoreBytes: 8, sharedLoadBytes: 4, loads: 2, loadBytes: 8 },
    },
  },
  "functions of vectors and matrices": {
    hasNoReference: true,
    body: `
      let a = vec3f(x[i], x[1], x[2]);
      let b = vec3f(-x[i], x[4], x[5]);
      let c = cross(a, b) + reflect(a, normalize(b)) + mix(a, b, 0.25) + smoothstep(a, b, vec3f(1.5));
      f[i] = length(c) + distance(a, b) + determinant(mat3x3f(a, b, vec3f(x[6], x[7], x[8])));`,
    // In this order: cross, normalize, reflect, mix, smoothstep, length, distance, determinant. The
    // products that mix and smoothstep end with are taken by the sum of all.
    work: {
      multiplications: 3 + 1 + 2 + 0 + 3 + 1 + 1 + 4,
      multiplyAdds: 3 + 2 + 5 + 6 + 6 + 2 + 2 + 5,
      additions: 1 + 6 + 3 + 3 + 2,
      ...{ divisions: 3 + 3, comparisons: 6, transcendentals: 3, loads: 9, loadBytes: 36 },
    },
  },
  "arrays, and structs with arrays": {
    module: `
      struct Point { at : vec2<f32>, weights : array<f32, 3>, id : i32 }
      const TABLE = array<f32, 4>(1.5, 2.5, 3.5, 4.5);
      const N = 2 + 1;
      alias Points = array<Point, N>;
      fn sum(p : Point) -> f32 { return p.at.x + p.weights[2]; }`,
    body: `
      var points : Points;
      points[i % N] = Point(vec2(x[i], 1.0), array(1.0, 2.0, x[0]), i);
      points[1].weights[i % 3] = TABLE[i % 4];
      let p = points[i % N];
      var q = p;
      q.weights[i % 3] = 9.0;
      f[i] = sum(q) + points[1].weights[0] + p.at.y + f32(array(1, 2, 3)[1]);`,
    work: { integers: 5, additions: 1 + 3, loads: 2, loadBytes: 8 },
  },
  "pointers, also to elements": {
    module: `
      var<workgroup> w : array<i32, 8>;
      fn bump(at : ptr<function, array<i32, 4>>, k : i32) { (*at)[k] += 1; at[0]--; }
      fn first(at : ptr<function, i32>) -> i32 { *at *= 2; return *at; }`,
    body: `
      var a = array(1, 2, 3, 4);
      var k = i % 4;
      let at = &a[k];
      k = 0;
      *at = 50;
      bump(&a, 1);
      let place = &w[i % 8];
      *place = first(&k) + first(&a[2]);
      workgroupBarrier();
      r[i] = a[0] + a[1] + a[2] + a[3] + w[7 - i % 8] + k;`,
    work: { integers: 1 + 1 + 2 + 3 + 2 + 5, sharedStoreBytes: 4, sharedLoadBytes: 4 },
  },
  "constants before and after their use, assertions and aliases": {
    module: `
      diagnostic(off, derivative_uniformity);
      const LAST = FIRST * 2 + 1;
      alias Number = i32;
      const FIRST : Number = 3;
      const HALF = 0x1.8p1;
      const_assert LAST == 7;`,
    body: `
      const_assert LAST < 8;
      const FIRST = 100;
      let y : Number = LAST + FIRST;
      f[i] = f32(y) + HALF + 1e-1 + f32(n[i]-1) + f32(-n[0]);`,
    work: { additions: 2, integers: 2 + 2, loads: 2, loadBytes: 8 },
  },
  bits: {
    hasNoReference: true,
    body: `
      let u = u32(n[i]) * 2654435761u;
      let packed = pack4x8unorm(vec4f(0.25, 0.5, x[0] * 0.01, 1.0)) ^ pack2x16float(vec2f(x[i], 1.0));
      let v = unpack4x8snorm(packed);
      r[i] = i32(countOneBits(u) + firstLeadingBit(u | 1u) + extractBits(u, 3u, 7u))
        + firstTrailingBit(n[i] | 8) + extractBits(bitcast<i32>(u), 5u, 4u)
        + i32(reverseBits(u) >> 30u) + i32(countLeadingZeros(u)) + (n[i] << 2u) + i32(round(v.x * 127.0));`,
    // Components that are literals are packed once. The lines have 1, 3, 4, 6, 5 and 9 operations.
    work: {
      ...{ loads: 5, loadBytes: 20, multiplications: 2, additions: 1 },
      integers: 1 + 3 + 4 + 6 + 5 + 9,
    },
  },
  "atomics that compare and exchange": {
    module: "var<workgroup> a : atomic<i32>; var<workgroup> won : atomic<u32>;",
    body: `
      let got = atomicCompareExchangeWeak(&a, 0, 5);
      if (got.exchanged) { atomicAdd(&won, 1u); }
      workgroupBarrier();
      r[i] = atomicLoad(&a) + i32(atomicLoad(&won)) * 10;`,
    work: { integers: 2, atomics: 3 },
    atMost: { atomics: 4 },
  },
  "a load that is the same for all": {
    hasNoReference: true,
    module: "var<workgroup> w : i32;",
    body: "if (local == 0u) { w = n[i]; } r[i] = workgroupUniformLoad(&w);",
    work: {
      ...{ integers: 1, loads: 2 / 16, loadBytes: 8 / 16 },
      ...{ sharedStoreBytes: 8 / 16, sharedLoadBytes: 4 },
    },
  },
  "float literals, shifts and select": {
    body: `
      let y = select(1.5, 2.5f, i % 2 == 0) * 2;
      let s = (1 << u32(i % 5)) + (i >> 1u) - (-i << 1);
      f[i] = y + f32(s) + max(1, x[i]) + saturate(x[0]) + degrees(x[1]) + 7 / 2 + 7.0 / 2;`,
    work: {
      ...{ integers: 2 + 7 + 1, multiplications: 2, comparisons: 3, additions: 6 },
      ...{ loads: 3, loadBytes: 12 },
    },
  },
  "16-bit floats": {
    module: "enable f16; var<workgroup> h : array<vec2<f16>, 8>;",
    body: `
      let y = f16(x[i]);
      let z = y * 2.5 + 1h;
      h[i % 8] = vec2h(z, y);
      workgroupBarrier();
      f[i] = f32(max(h[7 - i % 8].y, 0.5) / 3.0) + f32(sqrt(abs(z))) + f32(bitcast<vec2<f16>>(n[i]).x);`,
    // A conversion to, and three back; the places in the workgroup's memory.
    work: {
      integers: 1 + 3 + 3,
      ...{ multiplyAdds: 1, comparisons: 1, divisions: 1, additions: 1 + 2, transcendentals: 1 },
      ...{ sharedStoreBytes: 4, sharedLoadBytes: 2, loads: 2, loadBytes: 8 },
    },
    notRun: "SwiftShader has no 16-bit floats",
  },
  textures: {
    module: `
      @group(1) @binding(0) var picture : texture_2d<f32>;
      @group(1) @binding(1) var look : sampler;
      @group(1) @binding(2) var drawn : texture_storage_2d<rgba8unorm, write>;
      @group(1) @binding(3) var depth : texture_depth_2d;`,
    body: `
      let texel = textureLoad(picture, vec2<i32>(i, 0), 0);
      let sampled = textureSampleLevel(picture, look, vec2f(0.5), 0.0);
      textureStore(drawn, vec2(i, 1), texel * sampled);
      f[i] = textureLoad(depth, vec2(0, 0), 0) + textureGather(1, picture, look, vec2f(0.5)).w;`,
    work: {
      ...{ loads: 4, loadBytes: 16 + 16 + 4 + 16, multiplications: 4, additions: 1 },
      ...{ stores: 2, storeBytes: 4 + 4 },
    },
    notRun: "textures hold nothing here",
  },
  subgroups: {
    module: "enable subgroups;",
    body: `
      let sum = subgroupAdd(vec2f(x[i], 1.0)).x;
      f[i] = subgroupShuffle(sum, 1u) + f32(subgroupMax(n[i]));`,
    work: { additions: 2 + 1, integers: 1 + 1, loads: 2, loadBytes: 8 },
    notRun: "their sizes are the device's own",
  },
};
