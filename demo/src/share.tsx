import type { ReportDocument } from "@opcounter/report";
import { useState } from "preact/hooks";
import type { Client } from "./client.ts";
import { linkOf, type Run } from "./run.ts";

interface ShareProps {
  readonly client: Client;
  readonly run: Run;
  readonly document: ReportDocument;
}

/** The report as a file or as a link. */
export function Share({ client, run, document }: ShareProps) {
  const [said, setSaid] = useState("");
  const name = document.model.replace(/[^\w.@-]+/g, "_");
  /** Does it, and says what came of it. */
  const act = (deed: () => Promise<void>, done: string, failed: string) => () => {
    setSaid("");
    deed().then(
      () => setSaid(done),
      () => setSaid(failed),
    );
  };
  const html = async () => {
    const { htmlOf } = await import("./html-file.ts");
    save(`${name}.html`, "text/html", await htmlOf(document));
  };
  const json = async () => {
    const convention = new URLSearchParams(location.hash.slice(1)).get("convention") ?? "native";
    save(`${name}.json`, "application/json", await client.json(convention));
  };
  // A page that is not served securely has no clipboard.
  const copy = async () => navigator.clipboard.writeText(location.href);
  return (
    <fieldset class="share">
      <legend>Share</legend>
      <button
        type="button"
        title="One file that needs no network"
        onClick={act(html, `Saved ${name}.html.`, "The file cannot be made; try again.")}
      >
        HTML file
      </button>
      <button
        type="button"
        title="The report by the convention that is shown, for programs"
        onClick={act(json, `Saved ${name}.json.`, "The file cannot be made; try again.")}
      >
        JSON
      </button>
      {linkOf(run) !== undefined && (
        <button
          type="button"
          onClick={act(copy, "Copied.", "The browser does not let this page copy.")}
        >
          Copy link
        </button>
      )}
      <span role="status">{said}</span>
    </fieldset>
  );
}

function save(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  // The browser reads it after this turn of its loop.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
