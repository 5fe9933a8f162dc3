/** Modules of the command line that the user's module gets when it imports them. */
export const SHARED_MODULES = {
  tfjs: { filter: /^@tensorflow\/tfjs(-core|-layers|-converter)?$/, key: "opcounter.tfjs" },
  data: { filter: /^@tensorflow\/tfjs-data$/, key: "opcounter.tfjs-data" },
  api: { filter: /^opcounter$/, key: "opcounter.api" },
  ir: { filter: /^@opcounter\/ir$/, key: "opcounter.ir" },
  counters: { filter: /^@opcounter\/counters$/, key: "opcounter.counters" },
  tracer: { filter: /^@opcounter\/tracer$/, key: "opcounter.tracer" },
} as const satisfies Record<string, SharedModule>;

/** What a user's module imports that is not bundled with it. */
interface SharedModule {
  /** The names it is imported by. */
  readonly filter: RegExp;
  /** The key of the global symbol under which the user's module finds it. */
  readonly key: string;
}

export type SharedName = keyof typeof SHARED_MODULES;
