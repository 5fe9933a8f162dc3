import { twoLines } from "./two-lines.js";

twoLines().then(postMessage, (error) => postMessage({ error: String(error?.stack ?? error) }));
