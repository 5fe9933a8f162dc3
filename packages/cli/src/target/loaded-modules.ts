/** The paths of the modules that have run, as the user gave them: a later error may be theirs. */
export const loadedModules: string[] = [];
