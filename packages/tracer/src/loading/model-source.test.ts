import { getEventListeners } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OpcounterError } from "@opcounter/ir/core";
import { expect } from "chai";
import { ModelSource, type ReadOptions } from "./model-source.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Awaits an error, which must be an OpcounterError of one line. */
async function refusal(read: Promise<unknown>): Promise<OpcounterError> {
  try {
    await read;
  } catch (error) {
    if (!(error instanceof OpcounterError)) throw error;
    expect(error.message).to.match(/^[^\n]+\.$/);
    return error;
  }
  throw new Error("it was read");
}

describe("ModelSource", () => {
  describe("among chosen files", () => {
    const files = new Map([
      ["model.json", new Blob(["{}"])],
      ["w1.bin", new Blob([Uint8Array.of(1, 2, 3)])],
    ]);
    const source = new ModelSource("model.json", { files });

    it("reads them by name, in whichever folder the manifest names them", async () => {
      expect(await source.manifest()).to.equal("{}");
      for (const path of ["w1.bin", "deep/w1.bin"]) {
        expect(await source.file(path)).to.deep.equal(Uint8Array.of(1, 2, 3));
      }
    });

    it("listens to the user's signal once for files that are read at once, and until it is closed", async () => {
      const { signal } = new AbortController();
      const open = new ModelSource("model.json", { files, signal });
      const reading = Promise.all(Array.from({ length: 12 }, () => open.file("w1.bin")));
      expect(getEventListeners(signal, "abort")).to.have.length(1);
      expect(await reading).to.have.length(12);
      open.close();
      expect(getEventListeners(signal, "abort")).to.deep.equal([]);
    });

    it("says which is missing, and which is too large", async () => {
      const missing = await refusal(source.file("deep/w2.bin"));
      expect(missing.code).to.equal("file-not-found");
      expect(missing.message).to.include("w2.bin is not among the files of the model");
      expect((await refusal(source.file("w1.bin", 2))).code).to.equal("file-too-large");
    });
  });

  describe("at an address", () => {
    let server: Server;
    let answer: Answer;
    let origin: string;
    let asked: string[];

    before(async () => {
      server = createServer((request, response) => {
        asked.push(request.url ?? "");
        answer(request, response);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("no port");
      origin = `http://127.0.0.1:${address.port}`;
    });
    beforeEach(() => {
      asked = [];
      answer = (_, response) => response.end("{}");
    });
    after(() => {
      server.closeAllConnections();
      server.close();
    });

    const source = (path = "/m/model.json", options: ReadOptions = {}) =>
      new ModelSource(`${origin}${path}`, options);

    it("sends the manifest's query with each shard that has none of its own", async () => {
      const model = source("/m/model.json?alt=media&token=t1");
      await model.manifest();
      await model.file("w 1.bin");
      await model.file("deep/w2.bin?x=1");
      expect(asked).to.deep.equal([
        "/m/model.json?alt=media&token=t1",
        "/m/w%201.bin?alt=media&token=t1",
        "/m/deep/w2.bin?x=1",
      ]);
    });

    it("looks for shards where the manifest came from, after redirects", async () => {
      answer = ({ url }, response) => {
        if (url === "/m/model.json") response.writeHead(302, { location: "/v2/model.json?s=9" });
        response.end("{}");
      };
      const model = source();
      await model.manifest();
      await model.file("w.bin");
      expect(asked.at(-1)).to.equal("/v2/w.bin?s=9");
    });

    it("follows no endless redirects", async () => {
      answer = ({ url }, response) => {
        response.writeHead(302, { location: `${url}x` }).end();
      };
      const error = await refusal(source().manifest());
      expect(error.code).to.equal("fetch-failed");
      expect(error.message).to.include("redirect");
      expect(asked.length).to.be.lessThan(30);
    });

    it("keeps shards below the manifest, and at its host", async () => {
      const model = source();
      await model.manifest();
      for (const path of ["../w.bin", "/w.bin", "%2e%2e/w.bin", "a/../../w.bin", "..\\w.bin"]) {
        const error = await refusal(model.file(path));
        expect(error.code, path).to.equal("path-outside-model");
        expect(error.message).to.include("is not in the model's folder");
      }
      for (const path of ["http://10.0.0.1/w.bin", "//10.0.0.1/w.bin", "file:///etc/passwd"]) {
        expect((await refusal(model.file(path))).message, path).to.include("at another host");
      }
      expect((await refusal(model.file("http://["))).message).to.include("is no address");
      expect(asked).to.deep.equal(["/m/model.json"]);
    });

    it("fetches from another host that is allowed, without the model's token", async () => {
      const other = createServer((request, response) => {
        asked.push(`other${request.url}`);
        response.end("w");
      });
      await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
      const { port } = Object(other.address());
      const host = `127.0.0.1:${port}`;
      try {
        const path = "/m/model.json?token=secret";
        const model = source(path, { allowHost: [host] });
        await model.manifest();
        await model.file(`http://${host}/w.bin`);
        expect(asked.at(-1)).to.equal("other/w.bin");
        const careful = source(path);
        await careful.manifest();
        expect((await refusal(careful.file(`http://${host}/w.bin`))).remedy).to.include(host);
      } finally {
        other.closeAllConnections();
        other.close();
      }
    });

    it("tells of a body that breaks off", async () => {
      answer = (_, response) => {
        response.writeHead(200, { "content-length": "5000" });
        response.write("{");
        setTimeout(() => response.destroy(), 20);
      };
      expect((await refusal(source().manifest())).code).to.equal("fetch-failed");
    });

    it("ends a body without end, and one that declares too much", async () => {
      answer = (_, response) => {
        const block = Buffer.alloc(65_536, 32);
        const more = (): void => {
          while (!response.destroyed && response.write(block));
          if (!response.destroyed) response.once("drain", more);
        };
        more();
      };
      const endless = await refusal(source("/m/model.json", { maxBytes: 1_000_000 }).manifest());
      expect(endless.code).to.equal("file-too-large");
      expect(endless.message).to.include("more than 1,000,000 bytes");
      answer = (_, response) => response.writeHead(200, { "content-length": "9999999" }).write("x");
      const declared = await refusal(source("/m/model.json", { maxBytes: 1000 }).manifest());
      expect(declared.code).to.equal("file-too-large");
      const shard = source();
      answer = (_, response) => response.end("0123456789");
      expect((await refusal(shard.file("w.bin", 9))).message).to.include("more than 9 bytes");
      expect(await shard.file("w.bin", 10)).to.have.length(10);
    });

    it("waits for a silent server no longer than it may, before and within a body", async () => {
      const patience = { timeout: 0.1 };
      answer = () => undefined;
      expect((await refusal(source("/m/model.json", patience).manifest())).message).to.include(
        "the server was silent for 0.1 seconds",
      );
      answer = (_, response) => response.write("{");
      const error = await refusal(source("/m/model.json", patience).manifest());
      expect(error.message).to.include("silent");
    });

    it("says what the server answered", async () => {
      answer = (_, response) => response.writeHead(403).end();
      expect((await refusal(source().manifest())).message).to.include("answered 403 Forbidden");
    });

    it("ends what is still fetched when it is closed", async () => {
      answer = () => undefined;
      const model = source();
      const read = refusal(model.manifest());
      model.close();
      expect((await read).code).to.equal("fetch-failed");
    });

    it("ends with the reason of the user's signal, and tells how many bytes have come", async () => {
      const controller = new AbortController();
      const bytes: number[] = [];
      answer = (_, response) => response.end("{}");
      const model = source("/m/model.json", {
        signal: controller.signal,
        onProgress: ({ step, done }) => bytes.push(step === "load" ? done : -1),
      });
      await model.manifest();
      await model.file("w.bin");
      expect(bytes).to.deep.equal([2, 4]);
      answer = () => undefined;
      const read = model.file("w.bin").catch((error) => error);
      controller.abort("enough");
      expect(await read).to.equal("enough");
      model.close();
    });
  });

  describe("on disk", () => {
    const root = mkdtempSync(join(tmpdir(), "opcounter-"));
    const folder = join(root, "model");
    before(() => {
      mkdirSync(join(folder, "deep"), { recursive: true });
      writeFileSync(join(folder, "model.json"), "{}");
      writeFileSync(join(folder, "w.bin"), "0123456789");
      writeFileSync(join(folder, "deep", "w.bin"), "01");
      writeFileSync(join(root, "secret"), "s");
      symlinkSync(join(root, "secret"), join(folder, "link.bin"));
      symlinkSync("w.bin", join(folder, "alias.bin"));
    });
    after(() => rmSync(root, { recursive: true }));

    const source = (options: ReadOptions = {}) =>
      new ModelSource(join(folder, "model.json"), options);

    it("reads what lies in the model's folder", async () => {
      expect(await source().file("w.bin")).to.have.length(10);
      expect(await source().file("./deep/../deep/w.bin")).to.have.length(2);
      expect(await source().file("alias.bin")).to.have.length(10);
    });

    it("reads nothing outside of it, by whatever way", async () => {
      const upwards = ["../secret", "deep/../../secret", "..\\secret", "..", "link.bin"];
      const absolute = [join(root, "secret"), "C:\\secret", "c:secret", "\\\\host\\share\\w"];
      for (const path of [...upwards, ...absolute]) {
        const error = await refusal(source().file(path));
        expect(error.code, path).to.equal("path-outside-model");
        expect(error.message).to.include(`"${path}"`);
      }
    });

    it("follows links within a cache, where manifest and weights are links to one folder", async () => {
      const [blobs, snapshot] = [join(root, "blobs"), join(root, "snapshot")];
      for (const path of [blobs, snapshot]) mkdirSync(path);
      for (const name of ["model.json", "w.bin"]) {
        writeFileSync(join(blobs, `blob-${name}`), "{}");
        symlinkSync(join(blobs, `blob-${name}`), join(snapshot, name));
      }
      const model = new ModelSource(join(snapshot, "model.json"), {});
      expect(await model.file("w.bin")).to.have.length(2);
    });

    it("reads no more of a file than it may, and no folder or device", async () => {
      expect((await refusal(source({ maxBytes: 9 }).file("w.bin"))).message).to.include(
        "holds more than 9 bytes, the most that is read of it",
      );
      expect((await refusal(source({ maxBytes: 1 }).manifest())).code).to.equal("file-too-large");
      expect((await refusal(source().file("deep"))).message).to.include(
        "it is a folder; name the file in it",
      );
      expect((await refusal(source().file("none.bin"))).code).to.equal("file-not-found");
      const device = new ModelSource("/dev/zero", {});
      expect((await refusal(device.manifest())).message).to.include("it is no plain file");
    });
  });
});
