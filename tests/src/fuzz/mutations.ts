import fc from "fast-check";

/** A place in something long, as a share of its length, and what is done there. */
interface Edit {
  readonly at: number;
  readonly length: number;
  readonly kind: "insert" | "remove" | "replace" | "repeat" | "cut";
}

const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

const edit: fc.Arbitrary<Edit> = fc.record({
  at: share,
  length: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 400 })),
  kind: fc.constantFrom("insert", "remove", "replace", "repeat", "cut"),
});

/** Integers at which readers of binary formats go wrong, in both byte orders. */
const INTEGERS = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff].flatMap(
  (value) => {
    const big = Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
    return [big, big.toReversed()];
  },
);

/** Bytes of a file, changed in a few places; now and then the bytes of no file at all. */
export function mutatedBytes(files: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const inserted = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constantFrom(...INTEGERS),
  );
  const edits = fc.array(fc.tuple(edit, inserted), { minLength: 1, maxLength: 6 });
  return fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    {
      weight: 19,
      arbitrary: fc.tuple(fc.constantFrom(...files), edits).map(([file, changes]) => {
        let bytes = [...file];
        for (const [change, by] of changes) bytes = changed(bytes, change, [...by]);
        return Uint8Array.from(bytes);
      }),
    },
  );
}

/**
 * A text, changed in a few places.
 *
 * @param words of the text's language; they are inserted as they are, and many times over.
 */
export function mutatedText(
  texts: readonly string[],
  words: readonly string[],
): fc.Arbitrary<string> {
  const word = fc.oneof(fc.constantFrom(...words), fc.string({ unit: "binary", maxLength: 5 }));
  const inserted = fc
    .tuple(word, fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.nat({ max: 20_000 })))
    .map(([text, times]) => text.repeat(times));
  const edits = fc.array(fc.tuple(edit, inserted), { minLength: 1, maxLength: 6 });
  return fc.oneof(
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 100 }) },
    { weight: 4, arbitrary: fc.array(word, { maxLength: 20 }).map((parts) => parts.join("")) },
    {
      weight: 15,
      arbitrary: fc.tuple(fc.constantFrom(...texts), edits).map(([text, changes]) => {
        let parts = [...text];
        for (const [change, by] of changes) parts = changed(parts, change, [by]);
        return parts.join("");
      }),
    },
  );
}

function changed<T>(items: readonly T[], { at, length, kind }: Edit, by: readonly T[]): T[] {
  const start = Math.floor(at * (items.length + 1));
  const [before, range] = [items.slice(0, start), items.slice(start, start + length)];
  const after = items.slice(start + length);
  switch (kind) {
    case "insert":
      return [...before, ...by, ...range, ...after];
    case "remove":
      return [...before, ...after];
    case "replace":
      return [...before, ...by, ...items.slice(start + by.length)];
    case "repeat":
      return [...before, ...range, ...range, ...after];
    case "cut":
      return before;
  }
}

/** Values that a reader of JSON may take for what they are not. */
const VALUES = [
  ...[null, true, "", "x", "__proto__", "constructor", [], {}, [[]], [null]],
  ...[0, -1, 0.5, 1e9, 2 ** 31, 2 ** 53, 1e300, -0],
];

/** A JSON value with a few of its members changed, removed or moved. */
export function mutatedJson(values: readonly unknown[]): fc.Arbitrary<unknown> {
  const value = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...VALUES) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  );
  const change = fc.record({
    at: share,
    from: share,
    kind: fc.constantFrom("set", "remove", "copy" as const),
    value,
  });
  return fc
    .tuple(fc.constantFrom(...values), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([original, changes]) => {
      const root = { value: structuredClone(original) };
      for (const { at, from, kind, value } of changes) {
        const places = placesIn(root);
        const [place, source] = [at, from].map(
          (share) => places[Math.floor(share * places.length)],
        );
        if (place === undefined || source === undefined) continue;
        if (kind === "remove") {
          Reflect.deleteProperty(place.holder, place.key);
          continue;
        }
        const taken = kind === "set" ? value : source.holder[source.key];
        Reflect.set(place.holder, place.key, structuredClone(taken));
      }
      return root.value;
    });
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** Every member of a JSON value, and of the values within. */
function placesIn(holder: object): Place[] {
  return Object.entries(holder).flatMap(([key, value]) => [
    // Sound: a member's holder is an object, which may be read by any name.
    { holder: holder as Record<string, unknown>, key },
    ...(typeof value === "object" && value !== null ? placesIn(value) : []),
  ]);
}
