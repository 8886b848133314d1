export { createClassifier, type Classifier } from "./classifier.ts";
export { readClassifier, writeClassifier } from "./classifier-file.ts";
export {
  trainClassifier,
  type Example,
  type TrainedClassifier,
  type TrainingOptions,
  type TrainingProgress,
} from "./classifier-training.ts";
export type { CrossValidation } from "./cross-validation.ts";
export { createEmbedder, embeddingOf, type EmbedOptions, type Embedder, type EmbedderOptions } from "./embedder.ts";
export { rememberTexts } from "./remember-texts.ts";
export { createFloatRows, type RowProducts } from "./row-products.ts";
export { trainInProcess, type TrainingResult, type TrainInProcessOptions } from "./train-in-process.ts";
