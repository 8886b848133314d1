/** Computes the loss at a point and writes the gradient into the second array. */
export type LossFunction = (point: Float32Array, gradient: Float32Array) => number | Promise<number>;

/** Pairs of steps that stand for the curvature. */
const MEMORY = 6;
/** Stops when a step betters the loss by less than this share. */
const TOLERANCE = 1e-5;

/**
 * Finds a minimum of a smooth convex function near `point`, in place, with limited-memory BFGS and a backtracking search.
 * Deterministic. Algorithm: Nocedal and Wright, Numerical Optimization, 2nd edition, 7.4.
 */
export async function minimise(loss: LossFunction, point: Float32Array, iterations: number): Promise<number> {
  const size = point.length;
  let gradient = new Float32Array(size);
  let nextGradient = new Float32Array(size);
  let next = new Float32Array(size);
  const direction = new Float32Array(size);
  const history: { step: Float32Array; change: Float32Array; inverse: number }[] = [];
  let value = await loss(point, gradient);

  for (let iteration = 0; iteration < iterations; iteration += 1) {
    findDirection(direction, gradient, history);
    let slope = dot(direction, gradient);
    if (slope >= 0) {
      history.length = 0;
      findDirection(direction, gradient, history);
      slope = dot(direction, gradient);
      if (slope >= 0) break;
    }
    let length = history.length === 0 ? 1 / Math.max(Math.sqrt(-slope), 1e-12) : 1;
    let nextValue = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 12; attempt += 1) {
      for (let index = 0; index < size; index += 1) next[index] = point[index]! + length * direction[index]!;
      nextValue = await loss(next, nextGradient);
      if (nextValue <= value + 1e-4 * length * slope) break;
      length /= 2;
    }
    if (!(nextValue < value)) break;

    const recycled = history.length === MEMORY ? history.shift() : undefined;
    const step = recycled?.step ?? new Float32Array(size);
    const change = recycled?.change ?? new Float32Array(size);
    for (let index = 0; index < size; index += 1) {
      step[index] = next[index]! - point[index]!;
      change[index] = nextGradient[index]! - gradient[index]!;
    }
    const curvature = dot(step, change);
    if (curvature > 1e-12) history.push({ step, change, inverse: 1 / curvature });
    point.set(next);
    [gradient, nextGradient] = [nextGradient, gradient];
    const gain = value - nextValue;
    value = nextValue;
    if (gain < TOLERANCE * Math.abs(value)) break;
  }
  return value;
}

/** Two-loop recursion: minus the inverse curvature times the gradient. */
function findDirection(
  direction: Float32Array,
  gradient: Float32Array,
  history: readonly { step: Float32Array; change: Float32Array; inverse: number }[],
): void {
  for (let index = 0; index < gradient.length; index += 1) direction[index] = -gradient[index]!;
  const factors: number[] = [];
  for (const { step, change, inverse } of history.toReversed()) {
    const factor = inverse * dot(step, direction);
    factors.push(factor);
    addScaled(direction, change, -factor);
  }
  const last = history.at(-1);
  if (last !== undefined) {
    const scale = 1 / (last.inverse * dot(last.change, last.change));
    for (let index = 0; index < direction.length; index += 1) direction[index] = direction[index]! * scale;
  }
  for (const { step, change, inverse } of history) addScaled(direction, step, (factors.pop() ?? 0) - inverse * dot(change, direction));
}

function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += left[index]! * right[index]!;
  return sum;
}

function addScaled(target: Float32Array, source: Float32Array, factor: number): void {
  for (let index = 0; index < target.length; index += 1) target[index] = target[index]! + factor * source[index]!;
}
