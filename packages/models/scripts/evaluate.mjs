// Trains the built-in classifier on one CSV file (text,label) and measures it on another, one question at a time:
//   node packages/models/scripts/evaluate.mjs train.csv dev.csv [cache folder]
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClassifier, createEmbedder, readClassifier, trainInProcess } from "@heddle/models/builtin";
import { parseExamplesCsv } from "@heddle/retrieval";

const [trainPath, testPath, cacheDir = join(tmpdir(), "heddle-models")] = process.argv.slice(2);
if (trainPath === undefined || testPath === undefined) {
  console.error("usage: evaluate.mjs train.csv test.csv [cache folder]");
  process.exit(2);
}
const examples = await readExamples(trainPath);
const tests = await readExamples(testPath);

const started = performance.now();
let shown = "";
const { classifier: bytes, crossValidation } = await trainInProcess({
  examples,
  cacheDir,
  onProgress({ stage, progress }) {
    const line = `${stage} ${Math.round(progress * 10) * 10} %`;
    if (line !== shown) console.log((shown = line));
  },
});
const seconds = (performance.now() - started) / 1000;
console.log(`trained on ${examples.length} examples in ${seconds.toFixed(1)} s; ${(bytes.length / 1e6).toFixed(1)} MB`);
console.log(
  `${crossValidation.folds}-fold cross-validation ${percent(crossValidation.accuracy)}, calibration error ${percent(crossValidation.calibrationError)}`,
);

const classifier = createClassifier(readClassifier(bytes));
const embedder = createEmbedder({ cacheDir });
await embedder.embed(["warm up"]);
const embedTimes = [];
const classifyTimes = [];
let right = 0;
let confidence = 0;
for (const { text, label } of tests) {
  const begin = performance.now();
  const [features] = await embedder.features([text]);
  const embedded = performance.now();
  const answer = classifier.classify(features, text);
  classifyTimes.push(performance.now() - embedded);
  embedTimes.push(embedded - begin);
  confidence += answer.confidence;
  if (answer.label === label) right += 1;
}
console.log(
  `accuracy ${percent(right / tests.length)} (${right} of ${tests.length}), mean confidence ${percent(confidence / tests.length)}`,
);
console.log(`median embedding ${median(embedTimes)} ms, classifier on top ${median(classifyTimes)} ms`);
console.log(`memory of this process ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`);
await embedder.close();

async function readExamples(path) {
  return parseExamplesCsv(await readFile(path)).rows.map(({ text, label }) => ({ text, label }));
}

function percent(share) {
  return `${(share * 100).toFixed(2)} %`;
}

function median(values) {
  return values.toSorted((left, other) => left - other)[values.length >> 1].toFixed(2);
}
