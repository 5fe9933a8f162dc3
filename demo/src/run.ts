/** What is profiled. */
export type Source =
  | { readonly kind: "zoo"; readonly name: string }
  /** An http(s) address, or a file of an npm package: `npm:@spotify/basic-pitch/model/model.json`. */
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "files"; readonly files: readonly File[] };

/** The devices that a page can choose. On its own GPU, the pass is timed too. */
export type DeviceChoice = "virtual" | "gpu";

/** What a person asked for. */
export interface Run {
  readonly source: Source;
  readonly device: DeviceChoice;
  /** Shapes of inputs as they were typed: `1x224x224x3`, or `ids=1x128 mask=1x128`. */
  readonly shapes: string;
}

/** The run that a link names, such as `?model=mobilenet_v2`; undefined where it names none. */
export function runOfLink(search: string): Run | undefined {
  const parts = new URLSearchParams(search);
  const model = parts.get("model");
  if (model === null || model === "") return undefined;
  return {
    source: sourceOf(model),
    device: parts.get("device") === "gpu" ? "gpu" : "virtual",
    shapes: parts.get("inputs") ?? "",
  };
}

/** The link that names a run; undefined for files, which only their owner has. */
export function linkOf({ source, device, shapes }: Run): string | undefined {
  if (source.kind === "files") return undefined;
  const parts = new URLSearchParams({
    model: source.kind === "zoo" ? source.name : source.address,
  });
  if (device === "gpu") parts.set("device", device);
  if (shapes !== "") parts.set("inputs", shapes);
  return `?${parts.toString().replaceAll("%3A", ":").replaceAll("%2F", "/").replaceAll("%40", "@")}`;
}

function sourceOf(model: string): Source {
  return /^(npm:|https?:\/\/)/i.test(model)
    ? { kind: "address", address: model }
    : { kind: "zoo", name: model };
}
