import { type DType, OpcounterError, type Shape, sizeOf } from "@opcounter/ir";
import { type PythonLiteral, parsePythonLiteral } from "./python-literal.ts";

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

/** NumPy's own limit, `max_header_size`. */
const LONGEST_HEADER = 10_000;

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
  const { text, dataOffset } = readHeader(bytes, view, path);
  const { descr, fortranOrder, shape } = parseHeader(text, path);
  if (fortranOrder) {
    throw invalid(
      `${path} holds an array in Fortran order, which is not read`,
      "save numpy.ascontiguousarray(x)",
    );
  }
  const element = elementType(descr, path);
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
  if (length > LONGEST_HEADER) {
    throw invalid(
      `${path} has a header of ${length} bytes, and NumPy reads at most ${LONGEST_HEADER}`,
      "save it as a plain array",
    );
  }
  return { text: Buffer.from(bytes.subarray(start, dataOffset)).toString("latin1"), dataOffset };
}

interface Header {
  readonly descr: PythonLiteral;
  readonly fortranOrder: boolean;
  readonly shape: Shape;
}

/** What the header says, by the checks that NumPy makes. */
function parseHeader(text: string, path: string): Header {
  const header = parsePythonLiteral(text);
  if (!(header instanceof Map)) {
    throw damaged(path, "its header is no Python dictionary");
  }
  const descr = header.get("descr");
  const fortranOrder = header.get("fortran_order");
  const shape = shapeOf(header.get("shape"));
  if (shape === undefined) throw damaged(path, "its header names no shape");
  if (typeof fortranOrder !== "boolean") {
    throw damaged(path, "its header's fortran_order is neither True nor False");
  }
  if (descr === undefined) throw damaged(path, "its header names no element type");
  if (header.size > 3) throw damaged(path, "its header holds more than NumPy writes");
  return { descr, fortranOrder, shape };
}

/** A tuple of sizes; undefined where it is none, or is of more elements than can be counted. */
function shapeOf(literal: PythonLiteral | undefined): Shape | undefined {
  const isTuple = typeof literal === "object" && literal !== null && "tuple" in literal;
  if (!isTuple) return undefined;
  const sizes = literal.tuple.map((size) => (typeof size === "bigint" ? Number(size) : Number.NaN));
  // An array without elements may have other sizes, which must be sizes too.
  const elements = sizeOf(sizes.map((size) => size || 1));
  return sizes.every(Number.isSafeInteger) && Number.isSafeInteger(elements) ? sizes : undefined;
}

function elementType(descr: PythonLiteral, path: string): ElementType {
  const code = typeof descr === "string" ? descr : "";
  const known = Object.hasOwn(ELEMENT_TYPES, code) ? ELEMENT_TYPES[code] : undefined;
  if (known !== undefined) return known;
  const what = code.startsWith(">")
    ? `big-endian numbers (${code})`
    : code === ""
      ? "records or Python objects"
      : `elements of type ${code}`;
  throw invalid(
    `${path} holds ${what}, which are not read`,
    'save it as float32, float64, int32, int64, uint8 or bool, little-endian, such as x.astype("<f4")',
  );
}

function truncated(path: string): OpcounterError {
  return damaged(path, "it ends within its header");
}

function damaged(path: string, how: string): OpcounterError {
  return invalid(`${path} is damaged: ${how}`, "save it again");
}

function invalid(sentence: string, remedy: string): OpcounterError {
  return new OpcounterError("input-file-invalid", sentence, { remedy });
}
