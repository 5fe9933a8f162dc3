import { type LoadOptions, type ModelFiles, ModelSource } from "@opcounter/tracer";
import type { InputToMake } from "../../target/input-option.ts";
import type { TypedValues } from "../../target/typed-values.ts";
import { type PageInput, valueIn } from "../protocol.ts";

/** The files of a model that the command line reads, and serves at an address. */
export function modelFilesAt(address: string, location: string, reading: LoadOptions): ModelFiles {
  const own = new ModelSource(location, reading);
  return {
    manifest: async () => new TextDecoder().decode(await bytesAt(address)),
    file: (path, most) => {
      const query = new URLSearchParams({
        path,
        ...(most === undefined ? {} : { most: `${most}` }),
      });
      return bytesAt(`${address}?${query}`);
    },
    zeros: (bytes) => own.zeros(bytes),
  };
}

/** An input as it is made, with its values where they are given. */
export async function inputFrom({ values, ...input }: PageInput): Promise<InputToMake> {
  if (values === undefined) return input;
  return { ...input, values: numbersIn(await bytesAt(values), input) };
}

function numbersIn({ buffer }: Uint8Array<ArrayBuffer>, { dtype, name }: PageInput): TypedValues {
  switch (dtype) {
    case "float32":
      return new Float32Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "bool":
      return new Uint8Array(buffer);
    default:
      throw new Error(`input ${name} has values of dtype ${dtype}`);
  }
}

/** @throws the error that the server tells of. */
async function bytesAt(address: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(address);
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  return valueIn<Uint8Array<ArrayBuffer>>(await response.json());
}
