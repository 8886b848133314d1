import type { Database } from "@heddle/db";
import type { TrainingQueue } from "./datasets/training.ts";
import type { IndexingQueue } from "./knowledge/indexing.ts";

/** Takes up trainings and indexings that a process left when it ended. */
export async function resumeBackgroundWork({
  db,
  training,
  indexing,
}: {
  db: Database;
  training: TrainingQueue;
  indexing: IndexingQueue;
}): Promise<void> {
  for (const { kind, workspaceId, id } of await db.lookups.unfinishedWork()) {
    const prisma = db.prismaFor(workspaceId);
    if (kind === "classifier") {
      const dataset = await prisma.dataset.findFirst({ where: { id }, select: { version: true } });
      if (dataset) training.start({ workspaceId, datasetId: id, version: dataset.version });
    } else {
      const document = await prisma.knowledgeDocument.findFirst({ where: { id }, select: { knowledgeBaseId: true } });
      if (document) indexing.start({ workspaceId, knowledgeBaseId: document.knowledgeBaseId, documentId: id });
    }
  }
}
