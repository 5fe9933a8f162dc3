import { defaultDevice, init, numpy as np } from "@jax-js/jax";

await init("webgpu");
defaultDevice("webgpu");
const n = 256;
const data = (scale: number) => Float32Array.from({ length: n * n }, (_, i) => (i % 7) * scale);
const a = np.array(data(1)).reshape([n, n]);
const b = np.array(data(2)).reshape([n, n]);
const c = np.matmul(a, b);
const s = await c.data();
console.log(s[0], s[1]);
