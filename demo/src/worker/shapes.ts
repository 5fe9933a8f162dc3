import { OpcounterError, repeatedName, type Shape } from "@opcounter/ir/core";
import { formatSpec, type InputSpec } from "@opcounter/tracer";

/** A shape that is known for an input; without a name, for the only one. */
export interface KnownShape {
  readonly name?: string | undefined;
  readonly shape: Shape;
}

/**
 * Reads shapes as a person types them: `1x224x224x3`, or `ids=1x128, mask=1x128`. `scalar` is the
 * empty shape.
 *
 * @throws OpcounterError "input-invalid" or "input-repeated".
 */
export function parseShapes(text: string): KnownShape[] {
  const shapes = text
    .split(/[\s,]+/)
    .filter((part) => part !== "")
    .map(parseShape);
  const twice = repeatedName(shapes.flatMap(({ name }) => name ?? []));
  if (twice === undefined) return shapes;
  throw new OpcounterError("input-repeated", `Input "${twice}" has two shapes`, {
    remedy: "give each input one",
  });
}

function parseShape(text: string): KnownShape {
  const found = /^(?:(?<name>.+)=)?(?<shape>scalar|\d+(?:x\d+)*)$/.exec(text)?.groups;
  const shape = found?.["shape"];
  if (shape === undefined) {
    throw new OpcounterError("input-invalid", `The shape ${text} cannot be read`, {
      remedy: "write it as 1x224x224x3, or as image=1x224x224x3",
    });
  }
  return { name: found?.["name"], shape: shape === "scalar" ? [] : shape.split("x").map(Number) };
}

/**
 * The shape of each input of a model, in its order: the one that was given, else the usual one, else
 * the one that the model declares, where an open batch is 1.
 *
 * @throws OpcounterError "input-unknown", or "input-missing" where a size is open and nobody gives it.
 */
export function shapesFor(
  specs: readonly InputSpec[],
  given: readonly KnownShape[],
  usual: readonly KnownShape[],
): Shape[] {
  const unknown = given.find(({ name }) => !specs.some((spec) => isOf(spec, specs, name)));
  if (unknown !== undefined) {
    const sentence =
      unknown.name === undefined
        ? `The model has ${specs.length} inputs, so a shape needs a name`
        : `The model has no input "${unknown.name}"`;
    throw new OpcounterError("input-unknown", sentence, {
      remedy: `its inputs are ${specs.map(formatSpec).join(", ")}`,
    });
  }
  return specs.map((spec) => {
    const known = [...given, ...usual].find(({ name }) => isOf(spec, specs, name));
    return known?.shape ?? declaredShape(spec);
  });
}

function isOf(spec: InputSpec, specs: readonly InputSpec[], name: string | undefined): boolean {
  return name === undefined ? specs.length === 1 : name === spec.name;
}

/** An example of a size, where a model leaves it open. */
const USUAL_SIZE = 224;

function declaredShape(spec: InputSpec): Shape {
  const { name, shape } = spec;
  const closed = shape?.map((size, axis) => (axis === 0 ? (size ?? 1) : size)) ?? [null];
  const sizes = closed.filter((size) => size !== null);
  if (sizes.length === closed.length) return sizes;
  const example = shape === undefined ? "1x64" : closed.map((size) => size ?? USUAL_SIZE).join("x");
  throw new OpcounterError(
    "input-missing",
    `The model leaves the size of its input open (${formatSpec(spec)})`,
    { remedy: `give it under Input shapes, such as ${name}=${example}` },
  );
}
