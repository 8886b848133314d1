/** How long things are gathered, ms: a run may tell thousands of them a second, and nobody sees more than some frames. */
const GATHER_MS = 40;

/** Hands things on in groups: the first at once, and what follows it closely together. */
export function gathered<T>(take: (items: T[]) => void): { add: (item: T) => void; flush: () => void } {
  let items: T[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (items.length === 0) return;
    const group = items;
    items = [];
    take(group);
  };
  const later = () => {
    timer = undefined;
    const hadItems = items.length > 0;
    flush();
    if (hadItems) timer = setTimeout(later, GATHER_MS);
  };
  return {
    add: (item) => {
      items.push(item);
      if (timer !== undefined) return;
      flush();
      timer = setTimeout(later, GATHER_MS);
    },
    flush,
  };
}
