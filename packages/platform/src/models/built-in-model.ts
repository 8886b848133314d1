/** Name of the built-in embedding model, stored beside what was computed with it; another name makes that stale. */
export const BUILT_IN_MODEL = "all-MiniLM-L6-v2/int8/1";
