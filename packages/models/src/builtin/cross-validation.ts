import { joinOpinions, type Blend, type Opinion } from "./opinion.ts";

/** What cross-validation found: how well examples are labelled by a classifier that had not seen them. */
export interface CrossValidation {
  /** Share labelled correctly, 0…1. */
  accuracy: number;
  folds: number;
  /** Pairs of labels that are mixed up, most often first; the first 50. */
  confusions: { label: string; confusedWith: string; count: number }[];
  /** `recall`: share of the label's examples that get it; `precision`: share of the examples that get it which have it. */
  perLabel: { label: string; count: number; recall: number; precision: number }[];
  /** Mean distance between confidence and truth over ten classes of confidence, 0…1. */
  calibrationError: number;
}

/** What was said about an example by parts that had not seen it, and its true label. */
export interface Verdict {
  label: number;
  opinion: Opinion;
}

/** Below this many examples the choice would be noise, and the usual values are taken. */
const ENOUGH_TO_CHOOSE = 40;
/** Above this many, a part of them gives the same choice in less time. */
const PLENTY = 3_000;
const USUAL_BLEND: Blend = { words: 0.4, neighbours: 0.4, sharpness: 1 };
/** Values tried for each part of the blend, in turn; the sharpness in steps from where it is. */
const SAYS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1];
const SHARPENINGS = [0.5, 0.7, 0.8, 0.9, 0.95, 1.05, 1.1, 1.2, 1.5, 2];
const ROUNDS = 3;

/** Chooses the blend under which the true labels are likeliest. */
export function chooseBlend(verdicts: readonly Verdict[]): Blend {
  if (verdicts.length < ENOUGH_TO_CHOOSE) return USUAL_BLEND;
  const every = Math.ceil(verdicts.length / PLENTY);
  const sample = verdicts.filter((_, index) => index % every === 0);
  let best = USUAL_BLEND;
  let least = Number.POSITIVE_INFINITY;
  const consider = (blend: Blend): void => {
    let surprise = 0;
    for (const { label, opinion } of sample) surprise -= Math.log(Math.max(joinOpinions(opinion, blend)[label]!, 1e-9));
    if (surprise < least) {
      least = surprise;
      best = blend;
    }
  };
  consider(USUAL_BLEND);
  for (let round = 0; round < ROUNDS; round += 1) {
    const { sharpness } = best;
    for (const factor of SHARPENINGS) consider({ ...best, sharpness: sharpness * factor });
    for (const words of SAYS) consider({ ...best, words });
    for (const neighbours of SAYS) consider({ ...best, neighbours });
  }
  return best;
}

/** Compares what the blend says with the truth. */
export function judge(verdicts: readonly Verdict[], blend: Blend, labels: readonly string[]): Omit<CrossValidation, "folds"> {
  const counts = labels.map(() => ({ of: 0, named: 0, right: 0 }));
  const mixUps = new Map<string, { label: string; confusedWith: string; count: number }>();
  const classes = Array.from({ length: 10 }, () => ({ count: 0, right: 0, confidence: 0 }));
  let right = 0;
  for (const { label, opinion } of verdicts) {
    const probabilities = joinOpinions(opinion, blend);
    const confidence = Math.max(...probabilities);
    const named = probabilities.indexOf(confidence);
    const isRight = named === label;
    counts[label]!.of += 1;
    counts[named]!.named += 1;
    const bucket = classes[Math.min(9, Math.floor(confidence * 10))]!;
    bucket.count += 1;
    bucket.confidence += confidence;
    if (isRight) {
      right += 1;
      counts[label]!.right += 1;
      bucket.right += 1;
    } else {
      const key = `${label}/${named}`;
      const mixUp = mixUps.get(key) ?? { label: labels[label]!, confusedWith: labels[named]!, count: 0 };
      mixUp.count += 1;
      mixUps.set(key, mixUp);
    }
  }
  return {
    accuracy: right / verdicts.length,
    confusions: [...mixUps.values()].toSorted((left, other) => other.count - left.count).slice(0, 50),
    perLabel: labels.map((label, index) => {
      const { of, named, right: hits } = counts[index]!;
      return { label, count: of, recall: hits / (of || 1), precision: hits / (named || 1) };
    }),
    calibrationError: classes.reduce((sum, bucket) => sum + Math.abs(bucket.confidence - bucket.right), 0) / verdicts.length,
  };
}
