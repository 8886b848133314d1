import { getRandomValues } from "node:crypto";
import { V7Generator } from "uuidv7";

/** Random numbers that are drawn at once: a draw costs more than the rest of an id. */
const drawn = new Uint32Array(1_024);
let used = drawn.length;

const generator = new V7Generator({
  nextUint32() {
    if (used === drawn.length) {
      getRandomValues(drawn);
      used = 0;
    }
    return drawn[used++] as number;
  },
});

/** A new id: unique everywhere, and greater than all that this process made before. */
export function uuidv7(): string {
  return generator.generate().toString();
}
