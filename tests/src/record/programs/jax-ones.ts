import { defaultDevice, init, numpy as np } from "@jax-js/jax";

await init("webgpu");
defaultDevice("webgpu");
const c = np.matmul(np.ones([256, 256]), np.ones([256, 256]));
console.log((await c.data())[0]);
