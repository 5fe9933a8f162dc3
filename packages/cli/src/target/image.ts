import { elementAt, OpcounterError } from "@opcounter/ir";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { checkDeclaredSize, damagedImage } from "./declared-size.ts";

export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** An image of shape [height, width, channels], with values from 0 to 255. */
export interface Image extends ImageSize {
  readonly channels: number;
  readonly values: Uint8Array;
}

/** The most pixels that an image can be resized to: far more than a model takes. */
const MOST_PIXELS = 2 ** 27;

/** How many channels an image can be given: grey, RGB, RGBA. */
export type Channels = 1 | 3 | 4;

/** The kind of image that a file begins as. */
export function imageFormat(bytes: Uint8Array): "PNG" | "JPEG" | undefined {
  const startsWith = (...start: number[]) => start.every((byte, i) => bytes[i] === byte);
  if (startsWith(0x89, 0x50, 0x4e, 0x47)) return "PNG";
  return startsWith(0xff, 0xd8, 0xff) ? "JPEG" : undefined;
}

/**
 * Decodes a PNG or JPEG image. For RGB, alpha is dropped and not blended, as in
 * tf.browser.fromPixels. Grey is luma by ITU-R BT.601.
 *
 * @param path the file's name, for messages.
 * @throws OpcounterError where it is damaged, or far too large.
 */
export function decodeImage(
  bytes: Uint8Array,
  format: "PNG" | "JPEG",
  channels: Channels,
  path: string,
): Image {
  const { width, height, data } = decodeRgba(bytes, format, path);
  const values = new Uint8Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (channels === 1) values[pixel] = luma(data, 4 * pixel);
    else
      for (let c = 0; c < channels; c++)
        values[channels * pixel + c] = elementAt(data, 4 * pixel + c);
  }
  return { width, height, channels, values };
}

function decodeRgba(bytes: Uint8Array, format: "PNG" | "JPEG", path: string) {
  checkDeclaredSize(bytes, format, path);
  try {
    return format === "PNG"
      ? PNG.sync.read(Buffer.from(bytes))
      : jpeg.decode(bytes, { useTArray: true, tolerantDecoding: false, maxMemoryUsageInMB: 1024 });
  } catch (error) {
    // The messages of the decoders are about their internals, so they are not shown.
    throw damagedImage(path, format, error);
  }
}

function luma(rgba: Uint8Array, at: number): number {
  const channel = (i: number) => elementAt(rgba, at + i);
  return Math.round(0.299 * channel(0) + 0.587 * channel(1) + 0.114 * channel(2));
}

/**
 * Resizes an image as tf.image.resizeBilinear does with half-pixel centers.
 *
 * @throws OpcounterError where the size is more than memory holds.
 */
export function resizeImage(image: Image, { height, width }: ImageSize): Image {
  if (height * width > MOST_PIXELS) {
    throw new OpcounterError(
      "input-too-large",
      `An image cannot be resized to ${height}x${width}`,
      { remedy: "make it smaller" },
    );
  }
  const { channels } = image;
  const rows = samples(image.height, height);
  const columns = samples(image.width, width);
  const values = new Uint8Array(height * width * channels);
  let at = 0;
  for (const row of rows) {
    for (const column of columns) {
      for (let c = 0; c < channels; c++) {
        const pixel = (y: number, x: number) =>
          elementAt(image.values, (y * image.width + x) * channels + c);
        const above = mix(pixel(row.low, column.low), pixel(row.low, column.high), column.share);
        const below = mix(pixel(row.high, column.low), pixel(row.high, column.high), column.share);
        values[at++] = Math.round(mix(above, below, row.share));
      }
    }
  }
  return { height, width, channels, values };
}

/** For each new pixel of an axis: the two old ones around it, and the weight of the second. */
function samples(from: number, to: number) {
  return Array.from({ length: to }, (_, i) => {
    const at = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.floor(at);
    return { low, high: Math.min(low + 1, from - 1), share: at - low };
  });
}

function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
