/** The name of a model: the package and path of an npm specifier, or the last part of a path. */
export function nameOfTarget(specifier: string): string {
  const path = specifier.replace(/[/\\]?model\.json$/, "").replace(/\.[cm]?[jt]s$/, "");
  if (path.startsWith("npm:")) return path.slice("npm:".length).replace(/\/model$/, "");
  return path.split(/[/\\]/).at(-1) || specifier;
}
