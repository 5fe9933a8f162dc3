import { inflateSync } from "node:zlib";
import { grouped, OpcounterError } from "@opcounter/ir";
import type { ImageSize } from "./image.ts";

/** What is decoded: more than a camera of 32 megapixels gives, and less than a gigabyte in memory. */
const MOST_PIXELS = 2 ** 25;
/** The most that one byte of deflated data can stand for. Source: zlib's technical details. */
const MOST_DEFLATED = 1032;
/** The bytes of a pixel of a PNG at most: four channels of 16 bits. */
const MOST_PIXEL_BYTES = 8;

/**
 * Checks the size that an image declares before anything is decoded or allocated.
 *
 * @param path the file's name, for messages.
 * @throws OpcounterError where it is too large, is no size, or is more than the file can hold.
 */
export function checkDeclaredSize(bytes: Uint8Array, format: "PNG" | "JPEG", path: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = format === "PNG" ? pngSize(view, path) : jpegSize(view);
  if (size === undefined || size.width === 0 || size.height === 0) {
    throw damagedImage(path, format);
  }
  checkPixels(size, path);
}

/** The error of an image that cannot be decoded. */
export function damagedImage(path: string, format: string, cause?: unknown): OpcounterError {
  return new OpcounterError(
    "input-file-invalid",
    `${path} cannot be decoded: it begins as a ${format} image, and is damaged or cut short.`,
    { cause },
  );
}

function checkPixels({ width, height }: ImageSize, path: string): void {
  if (width * height <= MOST_PIXELS) return;
  throw new OpcounterError(
    "input-too-large",
    `${path} is an image of ${grouped(width)}x${grouped(height)} pixels, and at most ${grouped(MOST_PIXELS)} pixels are decoded`,
    { remedy: "make it smaller first" },
  );
}

/** A chunk of a PNG file: its type, and where its data lies. */
interface Chunk {
  readonly type: string;
  readonly start: number;
  readonly length: number;
}

/** The size in a PNG's header, which is its first chunk and stands there once. */
function pngSize(view: DataView, path: string): ImageSize | undefined {
  const chunks = pngChunks(view);
  const [header, ...others] = chunks;
  const isHeader = header?.type === "IHDR" && header.length === 13;
  if (!isHeader || others.some(({ type }) => type === "IHDR")) return undefined;
  const size = {
    width: view.getUint32(header.start),
    height: view.getUint32(header.start + 4),
  };
  checkPixels(size, path);
  const data = others.filter(({ type }) => type === "IDAT");
  const deflated = data.reduce((sum, { length }) => sum + length, 0);
  const bits = view.getUint8(header.start + 8);
  // A pixel has one channel at least.
  if ((size.width * size.height * bits) / 8 > deflated * MOST_DEFLATED) return undefined;
  const isInterlaced = view.getUint8(header.start + 12) !== 0;
  return isInterlaced && !inflatesWithin(view, data) ? undefined : size;
}

/** The chunks that are whole. */
function pngChunks(view: DataView): Chunk[] {
  const chunks: Chunk[] = [];
  // After the signature: length, type, data, checksum.
  for (let at = 8; at + 12 <= view.byteLength; ) {
    const length = view.getUint32(at);
    const start = at + 8;
    if (start + length + 4 > view.byteLength) break;
    const letters = [0, 1, 2, 3].map((i) => view.getUint8(at + 4 + i));
    chunks.push({ type: String.fromCharCode(...letters), start, length });
    at = start + length + 4;
  }
  return chunks;
}

/** The decoder bounds the data of plain images by their size, but not that of interlaced ones. */
function inflatesWithin(view: DataView, data: readonly Chunk[]): boolean {
  const parts = data.map(({ start, length }) =>
    Buffer.from(view.buffer, view.byteOffset + start, length),
  );
  try {
    inflateSync(Buffer.concat(parts), { maxOutputLength: MOST_PIXELS * MOST_PIXEL_BYTES });
    return true;
  } catch {
    return false;
  }
}

/** The size in a JPEG's first frame header; undefined where there is none. */
function jpegSize(view: DataView): ImageSize | undefined {
  // After the start of the image: a marker, then the length of its segment, itself included.
  for (let at = 2; at + 9 <= view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++; // a fill byte
      continue;
    }
    if (isFrame(marker)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** SOF0 to SOF15, without the tables (DHT, DAC) and the extension that lie between them. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}
