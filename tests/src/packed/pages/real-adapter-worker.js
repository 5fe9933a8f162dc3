import { realAdapter } from "./real-adapter.js";

realAdapter().then(postMessage, (error) => postMessage({ error: String(error?.stack ?? error) }));
