import { expect } from "chai";
import type { Command, Entry } from "../commands.ts";
import { PageLog } from "./page-log.ts";

const device = { label: "", limits: undefined };
const buffer = { id: 0, label: "", size: 2 ** 20, usage: 0, device, object: {} };
const to = { buffer, offset: 0, bytes: 2 ** 20 };
const clear: Command = { kind: "clear", to, scope: [] };
const submitOf = (commands: number): Entry => ({
  ...{ kind: "submit", device, commands: Array<Command>(commands).fill(clear) },
});

describe("the log of a page", () => {
  it("keeps 200,000 commands, and counts the submits that it leaves out", () => {
    const log = new PageLog(() => undefined);
    for (const commands of [150_000, 50_000, 1, 1]) log.entry(submitOf(commands));
    log.entry({ kind: "create", buffer });
    expect(log.entries).to.have.length(2);
    expect(log.dropped).to.equal(2);
  });

  it("keeps 16 MiB of what the page writes; of later writes it knows where they went", () => {
    const log = new PageLog(() => undefined);
    for (let i = 0; i < 20; i++) log.entry({ kind: "write", to, data: new Uint8Array(2 ** 20) });
    const kept = log.entries.map((entry) => entry.kind === "write" && entry.data !== undefined);
    expect(kept).to.deep.equal([...Array(16).fill(true), ...Array(4).fill(false)]);
  });
});
