import { crc32, deflateSync } from "node:zlib";
import { OpcounterError } from "@opcounter/ir";
import { expect } from "chai";
import jpeg from "jpeg-js";
import { decodeImage } from "./image.ts";

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

function header(width: number, height: number, interlace = 0): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data[8] = 8; // bits of a channel; one channel, grey
  data[12] = interlace;
  return chunk("IHDR", data);
}

function png(...chunks: readonly Buffer[]): Buffer {
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, ...chunks, chunk("IEND", new Uint8Array())]);
}

/** The error of an image, which must come after little work and with little memory taken. */
function refusal(bytes: Uint8Array, format: "PNG" | "JPEG" = "PNG"): OpcounterError {
  const started = process.cpuUsage();
  const before = process.memoryUsage().rss;
  try {
    decodeImage(bytes, format, 3, "x");
  } catch (error) {
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1e6, "seconds").to.be.lessThan(1);
    expect(process.memoryUsage().rss - before).to.be.lessThan(2 ** 28);
    if (error instanceof OpcounterError) return error;
    throw error;
  }
  throw new Error("the image was decoded");
}

describe("decodeImage", () => {
  const data = chunk("IDAT", deflateSync(new Uint8Array(100)));

  it("refuses a PNG that claims too many pixels, before it decodes any", () => {
    const { code, message } = refusal(png(header(65_535, 65_535), data));
    expect(code).to.equal("input-too-large");
    expect(message).to.equal(
      "x is an image of 65,535x65,535 pixels, and at most 33,554,432 pixels are decoded; make it smaller first.",
    );
    expect(refusal(png(header(1, 2 ** 32 - 1), data)).code).to.equal("input-too-large");
    expect(refusal(png(header(0x7fffffff, 0x7fffffff, 1), data)).code).to.equal("input-too-large");
  });

  it("refuses a PNG that claims more pixels than its data can hold, or none", () => {
    for (const lie of [header(5000, 5000), header(20_000_000, 1), header(0, 9), header(9, 0)]) {
      expect(refusal(png(lie, data)).message).to.match(/damaged or cut short\.$/);
    }
  });

  it("refuses a PNG with a second header, or with none at its start", () => {
    for (const file of [
      png(header(2, 2), header(65_535, 65_535), data),
      png(header(2, 2), data, header(60_000, 60_000)),
      png(data, header(2, 2)),
      png(data),
    ]) {
      expect(refusal(file).code).to.equal("input-file-invalid");
    }
  });

  it("refuses an interlaced PNG whose data goes on and on", function () {
    this.timeout(20_000);
    const endless = deflateSync(new Uint8Array(2 ** 29), { level: 1 });
    const file = png(header(8, 8, 1), chunk("IDAT", endless));
    expect(() => decodeImage(file, "PNG", 3, "x")).to.throw(OpcounterError, "damaged");
  });

  it("refuses a JPEG that claims too many pixels, wherever its frame header stands", () => {
    const photo = jpeg.encode({ width: 9, height: 9, data: Buffer.alloc(324, 90) }, 50).data;
    const frame = photo.indexOf(Buffer.from([0xff, 0xc0]));
    const lie = Buffer.from(photo);
    lie.writeUInt16BE(65_535, frame + 5);
    lie.writeUInt16BE(65_500, frame + 7);
    expect(refusal(lie, "JPEG").message).to.include("65,500x65,535 pixels");
    const comment = Buffer.from([0xff, 0xfe, 0x00, 0x04, 0xff, 0xc0, 0xff]);
    const behind = Buffer.concat([lie.subarray(0, frame), comment, lie.subarray(frame)]);
    expect(refusal(behind, "JPEG").code).to.equal("input-too-large");
    expect(refusal(photo.subarray(0, frame), "JPEG").code).to.equal("input-file-invalid");
  });

  it("decodes what is large, plain and true", () => {
    // Before each row of pixels stands its filter.
    const rows = new Uint8Array(2000 * (1 + 3000));
    const file = png(header(3000, 2000), chunk("IDAT", deflateSync(rows)));
    expect(decodeImage(file, "PNG", 1, "x")).to.include({ width: 3000, height: 2000 });
  });
});
