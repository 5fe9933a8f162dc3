const worker = new Worker("/worker.js", { type: "module" });
worker.onmessage = ({ data }) => fetch("/result", { method: "POST", body: JSON.stringify(data) });
worker.onerror = ({ message }) => fetch("/error", { method: "POST", body: message });
