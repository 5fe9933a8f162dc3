import { attach } from "./overlay.ts";

// Not a `var` of the script: who loads it takes the global away again.
Reflect.set(globalThis, "opcounterOverlay", { attach });
