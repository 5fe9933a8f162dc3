import { type DType, OpcounterError, type Shape, sizeOf } from "@opcounter/ir";
import { visible } from "../render/visible.ts";

/** The array of a .npy file. Its numbers are exact, except for int64 past 2^53. */
export interface NpyArray {
  readonly shape: Shape;
  /** The dtype of tfjs for the file's element type. */
  readonly dtype: DType;
  readonly numbers: Float64Array;
}

interface ElementType {
  readonly dtype: DType;
  readonly bytes: number;
  read(view: DataView, offset: number): number;
}

/** By the code of NumPy: byte order, kind, number of bytes. */
const ELEMENT_TYPES: Readonly<Record<string, ElementType>> = {
  "<f4": { dtype: "float32", bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  "<f8": { dtype: "float32", bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  "<i4": { dtype: "int32", bytes: 4, read: (view, at) => view.getInt32(at, true) },
  "<i8": { dtype: "int32", bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  "|u1": { dtype: "int32", bytes: 1, read: (view, at) => view.getUint8(at) },
  "|b1": { dtype: "bool", bytes: 1, read: (view, at) => view.getUint8(at) },
};

const MAGIC = "\u0093NUMPY";

/** Whether a file begins as a .npy file does. */
export function isNpy(bytes: Uint8Array): boolean {
  return [...MAGIC].every((character, i) => bytes[i] === character.charCodeAt(0));
}

/**
 * Reads a .npy file of version 1 or 2: an array in C order, of little-endian float32, float64,
 * int32, int64, of uint8 or of bool.
 *
 * Source of the format: numpy.lib.format in NumPy's manual.
 *
 * @param path the file's name, for messages.
 * @throws OpcounterError where it holds anything else, or has another size than its header says.
 */
export function readNpy(bytes: Uint8Array, path: string): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, dataOffset } = readHeader(bytes, view, path);
  const shape = readShape(header, path);
  if (/'fortran_order':\s*True/.test(header)) {
    throw invalid(
      `${path} holds an array in Fortran order, which is not read`,
      "save numpy.ascontiguousarray(x)",
    );
  }
  const element = elementType(header, path);
  const size = sizeOf(shape);
  const found = bytes.byteLength - dataOffset;
  if (found !== size * element.bytes) {
    throw invalid(
      `${path} is damaged: it says it holds an array of shape (${shape.join(", ")}) in ${size * element.bytes} bytes, and ${found} follow`,
      "save it again",
    );
  }
  const numbers = new Float64Array(size);
  for (let i = 0; i < size; i++) numbers[i] = element.read(view, dataOffset + i * element.bytes);
  return { shape, dtype: element.dtype, numbers };
}

/** The header: a Python dictionary as text, after the magic, the version and its own length. */
function readHeader(bytes: Uint8Array, view: DataView, path: string) {
  const version = bytes[6];
  const lengthBytes = version === 1 ? 2 : 4;
  if (bytes.byteLength < 8 + lengthBytes) throw truncated(path);
  if (version !== 1 && version !== 2) {
    throw invalid(
      `${path} is of version ${version} of the .npy format, and 1 and 2 are read`,
      "give its fields plain names",
    );
  }
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = 8 + lengthBytes;
  const dataOffset = start + length;
  if (bytes.byteLength < dataOffset) throw truncated(path);
  return { header: Buffer.from(bytes.subarray(start, dataOffset)).toString("latin1"), dataOffset };
}

function readShape(header: string, path: string): Shape {
  const [, list] = /'shape':\s*\(([\dL,\s]*)\)/.exec(header) ?? [];
  if (list === undefined) {
    throw invalid(`${path} is damaged: its header names no shape`, "save it again");
  }
  return [...list.matchAll(/\d+/g)].map(([size]) => Number(size));
}

function elementType(header: string, path: string): ElementType {
  const [, code = ""] = /'descr':\s*'([^']*)'/.exec(header) ?? [];
  const known = Object.hasOwn(ELEMENT_TYPES, code) ? ELEMENT_TYPES[code] : undefined;
  if (known !== undefined) return known;
  const name = visible(code);
  const what = code.startsWith(">")
    ? `big-endian numbers (${name})`
    : code === ""
      ? "records or Python objects"
      : `elements of type ${name}`;
  throw invalid(
    `${path} holds ${what}, which are not read`,
    'save it as float32, float64, int32, int64, uint8 or bool, little-endian, such as x.astype("<f4")',
  );
}

function truncated(path: string): OpcounterError {
  return invalid(`${path} is damaged: it ends within its header`, "save it again");
}

function invalid(sentence: string, remedy: string): OpcounterError {
  return new OpcounterError("input-file-invalid", sentence, { remedy });
}
