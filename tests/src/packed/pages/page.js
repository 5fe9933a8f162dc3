import { twoLines } from "./two-lines.js";

await fetch("/result", { method: "POST", body: JSON.stringify(await twoLines()) });
