import { argument } from "./component.ts";
import type { Emitter, Value } from "./emitter.ts";
import { ShaderProblem } from "./problem.ts";
import { unknown } from "./subgroups.ts";
import { type OpaqueType, scalar, typeName, vector } from "./types.ts";

/**
 * A call of a function on a texture: undefined for a store, which gives nothing. What textures hold
 * is not known, nor how large they are. A texel that is loaded or sampled is one load.
 *
 * @throws ShaderProblem where a compute shader cannot call it.
 */
export function lowerTexture(
  emitter: Emitter,
  name: string,
  args: readonly Value[],
  line: number,
): Value | undefined {
  const texture = textureOf(name, args, line);
  switch (name) {
    case "textureLoad":
    case "textureSampleLevel":
    case "textureSampleGrad":
    case "textureSampleBaseClampToEdge":
      return loaded(emitter, texture);
    case "textureSampleCompareLevel":
      loaded(emitter, texture);
      return unknown(scalar("f32"));
    case "textureGather":
    case "textureGatherCompare":
      // One component of each of four texels.
      emitter.charge("loads");
      emitter.charge("loadBytes", 16);
      return unknown(vector(name === "textureGather" ? texture.of : "f32", 4));
    case "textureDimensions":
      return unknown(vector("u32", dimensionsOf(texture)));
    case "textureNumLayers":
    case "textureNumLevels":
    case "textureNumSamples":
      return unknown(scalar("u32"));
    case "textureStore":
      emitter.charge("stores");
      emitter.charge("storeBytes", texture.texelBytes);
      emitter.add({ kind: "texture-store" });
      return undefined;
    case "textureSample":
    case "textureSampleBias":
    case "textureSampleCompare": {
      const what = `${name} is for fragment shaders alone: a compute shader names the level`;
      throw new ShaderProblem("refused", line, what);
    }
    default:
      throw new ShaderProblem("unsupported", line, `the function ${name} is not known`);
  }
}

function loaded(emitter: Emitter, { name, of, texelBytes }: OpaqueType): Value {
  emitter.charge("loads");
  emitter.charge("loadBytes", texelBytes);
  return unknown(name.startsWith("texture_depth") ? scalar("f32") : vector(of, 4));
}

/** The texture among the arguments: the first one, but for a component of a gather. */
function textureOf(name: string, args: readonly Value[], line: number): OpaqueType {
  const type = [argument(args, 0, line), ...args].map((arg) => arg.type).find(isTexture);
  if (type !== undefined) return type;
  const types = args.map((arg) => typeName(arg.type)).join(", ");
  throw new ShaderProblem("refused", line, `${name} of ${types} is no function`);
}

function isTexture(type: Value["type"]): type is OpaqueType {
  return type.kind === "opaque" && type.name.startsWith("texture");
}

function dimensionsOf({ name }: OpaqueType): number {
  if (name.includes("_1d")) return 1;
  return name.includes("_3d") ? 3 : 2;
}
