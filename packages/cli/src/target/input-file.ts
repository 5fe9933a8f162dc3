import { type DType, formatType, OpcounterError, type Shape } from "@opcounter/ir";
import { formatSpec, type InputSpec } from "@opcounter/tracer";
import { readBytes } from "../read-file.ts";
import { type Channels, decodeImage, type ImageSize, imageFormat, resizeImage } from "./image.ts";
import type { FileInputOption } from "./input-option.ts";
import { isNpy, readNpy } from "./npy.ts";
import { type TypedValues, typedValues } from "./typed-values.ts";

/** What a model says of the input that a file is read for. */
export interface FileInputContext {
  /** Undefined for a function. */
  readonly spec: InputSpec | undefined;
  /** The shape that it has by default, if that is known. */
  readonly usualShape: Shape | undefined;
}

/** What a file gives for an input. */
export interface FileInput {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly values: TypedValues;
}

/**
 * Reads an input from a PNG, JPEG or .npy file. The first bytes tell the format. The dtype is that
 * of the option, or else the model's. For a function, an image is float32, and an array keeps its
 * own.
 *
 * @throws OpcounterError where the file cannot be read, or does not fit the model's input.
 */
export function readInputFile(option: FileInputOption, context: FileInputContext): FileInput {
  const { path, resize } = option;
  const bytes = readBytes(path);
  const format = imageFormat(bytes);
  if (format !== undefined) return readImage(bytes, format, option, context);
  if (!isNpy(bytes)) {
    throw new OpcounterError(
      "input-file-invalid",
      `${path} is neither a PNG, a JPEG nor a .npy file.`,
    );
  }
  if (resize !== undefined) {
    throw new OpcounterError(
      "input-invalid",
      `${path} is an array, not an image, and cannot be resized`,
      { remedy: "leave that out" },
    );
  }
  const array = readNpy(bytes, path);
  const dtype = option.dtype ?? context.spec?.dtype ?? array.dtype;
  const type = { shape: array.shape, dtype };
  checkFits(type, context.spec, `${path} holds`);
  return { ...type, values: typedValues(array.numbers, dtype, path) };
}

function readImage(
  bytes: Uint8Array,
  format: "PNG" | "JPEG",
  { path, resize, ...option }: FileInputOption,
  { spec, usualShape }: FileInputContext,
): FileInput {
  const dtype = option.dtype ?? spec?.dtype ?? "float32";
  const decoded = decodeImage(bytes, format, channelsOf(spec?.shape ?? usualShape), path);
  const size = resize === "model" ? modelSize(path, spec, usualShape) : resize;
  const image = size === undefined ? decoded : resizeImage(decoded, size);
  const type = { shape: [1, image.height, image.width, image.channels], dtype };
  const remedy = size === undefined ? `resize it: @${path}:resize` : undefined;
  checkFits(type, spec, `${path} is an image of`, remedy);
  return { ...type, values: typedValues(image.values, dtype, path) };
}

/** As many channels as the model's last dimension has, by default RGB. */
function channelsOf(shape: readonly (number | null)[] | undefined): Channels {
  const channels = shape?.length === 4 ? shape[3] : undefined;
  return channels === 1 || channels === 4 ? channels : 3;
}

/** The height and width that the model requires, or else its default ones. */
function modelSize(
  path: string,
  spec: InputSpec | undefined,
  usualShape: Shape | undefined,
): ImageSize {
  const sizeAt = (axis: number) => spec?.shape?.[axis] ?? usualShape?.[axis];
  const [height, width] = [sizeAt(1), sizeAt(2)];
  if (height === undefined || width === undefined) {
    const what = spec === undefined ? "The input" : `The model's input (${formatSpec(spec)})`;
    throw new OpcounterError(
      "input-invalid",
      `${what} has no height and width of its own to resize ${path} to`,
      { remedy: `give them, as in @${path}:224x224` },
    );
  }
  return { height, width };
}

/** @throws OpcounterError where a file's type is not what the model's input takes. */
function checkFits(
  type: { readonly shape: Shape; readonly dtype: DType },
  spec: InputSpec | undefined,
  what: string,
  remedy?: string,
): void {
  const fits =
    spec?.shape === undefined ||
    (spec.shape.length === type.shape.length &&
      spec.shape.every((size, axis) => size === null || size === type.shape[axis]));
  if (fits) return;
  const sentence = `The model's input is ${formatSpec(spec)}, and ${what} ${formatType(type)}`;
  throw new OpcounterError("input-mismatch", remedy === undefined ? `${sentence}.` : sentence, {
    remedy,
  });
}
