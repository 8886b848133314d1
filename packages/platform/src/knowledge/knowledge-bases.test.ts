import { createTestPlatform, type TestPlatform } from "@heddle/testing/test-platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let test: TestPlatform;
beforeAll(async () => {
  test = await createTestPlatform();
});
afterAll(() => test.close());

const file = (name: string, text: string, mediaType = "text/markdown") => ({ name, mediaType, bytes: new TextEncoder().encode(text) });
const CARDS = file(
  "cards.md",
  "# Cards\n\n## Delivery\n\nA new card takes five days to arrive.\n\n## Blocking\n\nFreeze a stolen card in the app.",
);

describe("knowledge bases", () => {
  it("answer questions about what was uploaded a moment ago, with where it stands", async () => {
    const { platform, alice } = test;
    const base = await platform.knowledge.create(alice.actor, alice.workspaceId, { name: "Help" });
    const [document] = await platform.knowledge.addDocuments(alice.actor, base.id, [
      CARDS,
      file("fees.txt", "Transfers abroad cost one euro.", "text/plain"),
    ]);
    const [best] = await platform.knowledge.search(alice.actor, base.id, { query: "stolen card", limit: 1 });
    expect(best).toMatchObject({ documentName: "cards.md", documentId: document?.id, section: expect.stringContaining("Blocking") });
    expect(best?.text).toContain("Freeze");
    expect(await platform.knowledge.byId(alice.actor, base.id)).toMatchObject({ documents: 2, passages: 3 });
    expect((await platform.knowledge.documents(alice.actor, base.id, {})).items.map((each) => each.status)).toEqual(["ready", "ready"]);
  });

  it("forget a document at once when it is deleted", async () => {
    const { platform, alice } = test;
    const base = await platform.knowledge.create(alice.actor, alice.workspaceId, { name: "Forgetful" });
    const [document] = await platform.knowledge.addDocuments(alice.actor, base.id, [CARDS]);
    expect(await platform.knowledge.search(alice.actor, base.id, { query: "card" })).not.toEqual([]);
    await platform.knowledge.deleteDocument(alice.actor, { knowledgeBaseId: base.id, documentId: document?.id ?? "" });
    await expect.poll(() => platform.knowledge.search(alice.actor, base.id, { query: "card" })).toEqual([]);
  });

  it("take all files of an upload or none", async () => {
    const { platform, alice } = test;
    const base = await platform.knowledge.create(alice.actor, alice.workspaceId, { name: "Strict" });
    const picture = { name: "logo.png", mediaType: "image/png", bytes: new Uint8Array([0x89, 0x50, 0, 0]) };
    await expect(platform.knowledge.addDocuments(alice.actor, base.id, [CARDS, picture])).rejects.toMatchObject({ code: "file_invalid" });
    expect(await platform.knowledge.byId(alice.actor, base.id)).toMatchObject({ documents: 0 });
    await expect(platform.knowledge.create(alice.actor, alice.workspaceId, { name: "Strict" })).rejects.toMatchObject({ code: "conflict" });
  });
});
