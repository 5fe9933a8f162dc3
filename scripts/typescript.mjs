// Has Node run TypeScript: `node --conditions=opcounter-source --import ./scripts/typescript.mjs x.ts`.
// A hook of some lines, since tsx has esbuild keep the name of each function: wherever one is made,
// it then redefines a property, which took a fifth of the tests' time.
import { register } from "node:module";

process.setSourceMapsEnabled(true);
register("./typescript-hooks.mjs", import.meta.url);
