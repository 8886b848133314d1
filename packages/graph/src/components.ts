/**
 * Strongly connected components of a directed graph, each after all that it leads to (Tarjan, "Depth-first search and
 * linear graph algorithms", 1972), without recursion so that no chain is too long.
 */
export function findComponents(successors: readonly (readonly number[])[]): number[][] {
  const count = successors.length;
  const order = new Int32Array(count).fill(-1);
  const lowest = new Int32Array(count);
  const isOpen = new Uint8Array(count);
  const open: number[] = [];
  const components: number[][] = [];
  let next = 0;
  for (let root = 0; root < count; root += 1) {
    if (order[root] !== -1) continue;
    const path: { node: number; edge: number }[] = [{ node: root, edge: 0 }];
    while (path.length > 0) {
      const frame = path.at(-1)!;
      const { node } = frame;
      if (frame.edge === 0) {
        order[node] = lowest[node] = next;
        next += 1;
        open.push(node);
        isOpen[node] = 1;
      }
      const target = successors[node]![frame.edge];
      if (target !== undefined) {
        frame.edge += 1;
        if (order[target] === -1) path.push({ node: target, edge: 0 });
        else if (isOpen[target] === 1) lowest[node] = Math.min(lowest[node]!, order[target]!);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) lowest[parent.node] = Math.min(lowest[parent.node]!, lowest[node]!);
      if (lowest[node] === order[node]) components.push(closeComponent(node, open, isOpen));
    }
  }
  return components;
}

function closeComponent(root: number, open: number[], isOpen: Uint8Array): number[] {
  const members: number[] = [];
  for (;;) {
    const node = open.pop()!;
    isOpen[node] = 0;
    members.push(node);
    if (node === root) return members;
  }
}
