import { annotationOf } from "../analysis.ts";
import { EXACT_STORAGE } from "../exact-storage.ts";
import type { Graph, ParamValue } from "../graph.ts";
import { paramsOf } from "../graph.ts";
import { STORED_BYTES_PER_ELEMENT, STORED_TYPES, type StoredType, sizeOf } from "../types.ts";
import { counted, shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { NOTHING_SAVED } from "./savings.ts";

/** A weight that saves less is not worth its name in a command. */
const LEAST_BYTES = 1024;

/** Weights that a model's files store in more bits than their values need. */
export const wideWeights: AdviceRule = {
  name: "wide-weight",
  finds: "Weights of a model's files whose values fewer bits hold exactly",
  advises: "`--quantize_uint8`, `--quantize_float16` or `--quantize_uint16` of the converter",
  inTraining: true,
  find,
};

function find(graph: Graph): Found[] {
  const { types: exact, isComplete } = annotationOf(graph, EXACT_STORAGE) ?? {};
  if (exact === undefined) return [];
  const params = paramsOf(graph).filter(({ role, shape }) => role !== "slot" && sizeOf(shape) > 0);
  const fit = (param: ParamValue, type: StoredType) => exact.get(param.id)?.includes(type) === true;
  const forAll = STORED_TYPES.filter((type) => params.every((param) => fit(param, type)));
  const [type] = forAll.sort(narrowestFirst);
  // The option without names is for all weights of the files.
  if (type !== undefined && params.length > 0 && isComplete) return [adviceOn(params, type, "")];
  return STORED_TYPES.flatMap((type) => {
    const own = params.filter(
      (param) => exact.get(param.id)?.[0] === type && savedBy(param, type) >= LEAST_BYTES,
    );
    return own.length === 0
      ? []
      : [adviceOn(own, type, `=${own.map(({ name }) => name).join(",")}`)];
  });
}

function narrowestFirst(a: StoredType, b: StoredType): number {
  return STORED_BYTES_PER_ELEMENT[a] - STORED_BYTES_PER_ELEMENT[b];
}

/** Bytes that the files hold less where they store a weight in this type. */
function savedBy({ shape, dtype, stored }: ParamValue, type: StoredType): number {
  const now = STORED_BYTES_PER_ELEMENT[stored ?? dtype];
  return sizeOf(shape) * (now - STORED_BYTES_PER_ELEMENT[type]);
}

function adviceOn(params: readonly ParamValue[], type: StoredType, names: string): Found {
  const bytesStored = params.reduce((sum, param) => sum + savedBy(param, type), 0);
  const elements = params.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const of = `${counted(elements, "value")} of ${counted(params.length, "weight")}`;
  return {
    finding: `${type} holds the ${of} exactly: ${shortBytes(bytesStored)} less in the model's files.`,
    remedy: `Convert the model again with tensorflowjs_converter --quantize_${type}${names}. TensorFlow.js makes the same values of it when it loads the model: the download shrinks, and the memory on the GPU does not.`,
    scope: [],
    ops: [],
    saves: { ...NOTHING_SAVED, bytesStored },
  };
}
