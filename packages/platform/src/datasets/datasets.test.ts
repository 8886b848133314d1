import { createTestPlatform, type TestPlatform } from "@heddle/testing/test-platform";
import { createWordEmbedder, trainOnWords } from "@heddle/testing/word-embedder";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Classifiers } from "./classifiers.ts";
import { TrainingQueue } from "./training.ts";

let test: TestPlatform;
beforeAll(async () => {
  test = await createTestPlatform();
});
afterAll(() => test.close());

const csv = (lines: string[]) => new TextEncoder().encode(["text,label", ...lines].join("\n"));
const GREETINGS = [
  "hello there,greeting",
  "hello friend,greeting",
  "good morning hello,greeting",
  "bye now,farewell",
  "bye friend,farewell",
  "see you bye,farewell",
];

const trained = async (id: string) => {
  await expect
    .poll(async () => (await test.platform.datasets.byId(test.alice.actor, id)).training.status, { timeout: 20_000 })
    .toMatch(/ready|failed/);
  return (await test.platform.datasets.byId(test.alice.actor, id)).training;
};

describe("data sets", () => {
  it("are learnt as soon as they are uploaded", async () => {
    const { platform, alice } = test;
    const dataset = await platform.datasets.create(alice.actor, alice.workspaceId, { name: "Intents", bytes: csv(GREETINGS) });
    expect(dataset).toMatchObject({ rows: 6, columns: ["text", "label"], textColumn: "text", labelColumn: "label", version: 1 });
    expect(dataset.labels).toEqual([
      { label: "farewell", count: 3 },
      { label: "greeting", count: 3 },
    ]);
    const training = await trained(dataset.id);
    expect(training).toMatchObject({ status: "ready", progress: 1, error: null });
    expect(training.accuracy).toBeGreaterThan(0);
  });

  it("leave broken rows out and name them", async () => {
    const { platform, alice } = test;
    const dataset = await platform.datasets.create(alice.actor, alice.workspaceId, {
      name: "Broken rows",
      bytes: csv([...GREETINGS, "too,many,columns", ",no text"]),
    });
    expect(dataset.rows).toBe(6);
    expect(dataset.rejected).toMatchObject({ count: 2, samples: [{ line: 8 }, { line: 9 }] });
    const rows = await platform.datasets.rows(alice.actor, { id: dataset.id, limit: 4 });
    expect(rows.items[0]).toEqual({ id: 1, text: "hello there", label: "greeting" });
    expect((await platform.datasets.rows(alice.actor, { id: dataset.id, limit: 4, cursor: rows.nextCursor ?? "" })).items).toHaveLength(2);
  });

  it("say what is missing where there is too little to learn", async () => {
    const { platform, alice } = test;
    const dataset = await platform.datasets.create(alice.actor, alice.workspaceId, { name: "Tiny", bytes: csv(["hello,greeting"]) });
    expect(await trained(dataset.id)).toMatchObject({ status: "failed", error: { code: "dataset_too_small" } });
  });

  it("leave nothing behind where the file is of no use or the name is taken", async () => {
    const { platform, alice } = test;
    const count = async () => (await platform.datasets.list(alice.actor, { workspaceId: alice.workspaceId })).items.length;
    const before = await count();
    await expect(platform.datasets.create(alice.actor, alice.workspaceId, { name: "Empty", bytes: csv([]) })).rejects.toMatchObject({
      code: "csv_invalid",
    });
    await expect(
      platform.datasets.create(alice.actor, alice.workspaceId, { name: "Intents", bytes: csv(GREETINGS) }),
    ).rejects.toMatchObject({ code: "conflict" });
    await expect(
      platform.datasets.create(alice.actor, alice.workspaceId, { name: "Picture", bytes: new Uint8Array([0x89, 0x50, 0, 0]) }),
    ).rejects.toMatchObject({ code: "file_invalid" });
    expect(await count()).toBe(before);
    const { rows } = await test.database.asOwner((client) =>
      client.query(
        "SELECT count(*)::int AS orphans FROM dataset_rows r WHERE NOT EXISTS (SELECT FROM datasets d WHERE d.id = r.dataset_id)",
      ),
    );
    expect(rows).toEqual([{ orphans: 0 }]);
  });
});

describe("classifiers", () => {
  const open = (train = trainOnWords) => {
    const { database } = test;
    const training = new TrainingQueue({ db: database.db, train, model: "words", onFault: () => {} });
    return { training, classifiers: new Classifiers({ db: database.db, embedder: createWordEmbedder(), training, model: "words" }) };
  };

  it("wait for the training that is under way, and share it", async () => {
    const { platform, alice } = test;
    const { id } = await platform.datasets.create(alice.actor, alice.workspaceId, { name: "Shared", bytes: csv(GREETINGS) });
    await trained(id);
    let trainings = 0;
    const { training, classifiers } = open((request) => {
      trainings++;
      return trainOnWords(request);
    });
    // What was learnt with another model than this one is learnt anew.
    const port = classifiers.forWorkspace(alice.workspaceId);
    const answers = await Promise.all(["hello", "bye", "hello"].map((text) => port.classify({ datasetId: id, text })));
    expect(answers.map((answer) => answer.label)).toEqual(["greeting", "farewell", "greeting"]);
    expect(trainings).toBe(1);
    classifiers.close();
    await training.close();
  });

  it("know nothing of other workspaces' data sets", async () => {
    const { platform, alice, bob } = test;
    const { id } = await platform.datasets.create(alice.actor, alice.workspaceId, { name: "Private", bytes: csv(GREETINGS) });
    const { training, classifiers } = open();
    await expect(classifiers.forWorkspace(bob.workspaceId).classify({ datasetId: id, text: "hello" })).rejects.toMatchObject({
      code: "not_configured",
    });
    classifiers.close();
    await training.close();
  });

  it("give the training's own error, and try again what may work now", async () => {
    const { platform, alice } = test;
    const { id } = await platform.datasets.create(alice.actor, alice.workspaceId, { name: "Unlucky", bytes: csv(GREETINGS) });
    await trained(id);
    let isBroken = true;
    const { training, classifiers } = open((request) => (isBroken ? Promise.reject(new Error("out of luck")) : trainOnWords(request)));
    const port = classifiers.forWorkspace(alice.workspaceId);
    await expect(port.classify({ datasetId: id, text: "hello" })).rejects.toMatchObject({ code: "internal" });
    isBroken = false;
    expect((await port.classify({ datasetId: id, text: "hello" })).label).toBe("greeting");
    classifiers.close();
    await training.close();
  });
});
