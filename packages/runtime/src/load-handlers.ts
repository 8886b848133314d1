import type { HandlerRegistry, NodeHandler } from "@heddle/node-kit";
import { HeddleError } from "@heddle/schema";

type Loaded = ReadonlyMap<string, NodeHandler>;

/** Handlers by type, kept for as long as their registry: loading a module again and again would cost every run a turn. */
const loadedByRegistry = new WeakMap<HandlerRegistry, Map<string, NodeHandler | undefined>>();

/** The handlers of some types; without a promise when all of them were loaded before. @throws HeddleError unavailable */
export function loadHandlers(registry: HandlerRegistry, types: readonly string[]): Loaded | Promise<Loaded> {
  let loaded = loadedByRegistry.get(registry);
  if (loaded === undefined) loadedByRegistry.set(registry, (loaded = new Map()));
  if (types.every((type) => loaded.has(type))) return loaded as Loaded;
  const missing = types.filter((type) => !loaded.has(type));
  return Promise.all(missing.map(async (type) => loaded.set(type, await registry(type)))).then(
    () => loaded as Loaded,
    (cause: unknown) => {
      throw new HeddleError("unavailable", "The code of a node could not be loaded.", { cause });
    },
  );
}
