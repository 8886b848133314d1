import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { agentDocument, templateResource, type AgentDocument, type TemplateResource } from "@heddle/schema";

/** A template as it lies in its folder, checked. */
export interface TemplateFolder {
  resource: TemplateResource;
  document: AgentDocument;
  path: string;
}

/**
 * Reads the library: a folder per template with `template.json` (what people read and are asked for) and `agent.json`.
 * Data for a variable `x` lies beside them: `x.csv` for a data set, the files of `x/` for a knowledge base.
 * @throws Error naming the file that is not what it should be
 */
export async function readTemplateFolders(folder: string): Promise<Map<string, TemplateFolder>> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
  const templates = new Map<string, TemplateFolder>();
  for (const name of names) {
    const path = join(folder, name);
    const described = await readJson(join(path, "template.json"));
    // A folder without one is being written.
    if (described === undefined) continue;
    const resource = templateResource.parse({ ...(described as object), id: name });
    templates.set(name, { resource, document: agentDocument.parse(await readJson(join(path, "agent.json"))), path });
  }
  return templates;
}

/** The example data that a template ships for a data set; undefined where it has none. */
export function readTemplateCsv(template: TemplateFolder, variable: string): Promise<Uint8Array | undefined> {
  return readFile(join(template.path, `${variable}.csv`)).catch(absent);
}

/** The files that a template ships for a knowledge base. */
export async function readTemplateArticles(
  template: TemplateFolder,
  variable: string,
): Promise<{ name: string; mediaType: string; bytes: Uint8Array }[]> {
  const folder = join(template.path, variable);
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.(?:md|txt|csv)$/.test(name)).toSorted();
  return await Promise.all(
    names.map(async (name) => ({
      name,
      mediaType: MEDIA_TYPES[name.slice(name.lastIndexOf("."))] ?? "text/plain",
      bytes: await readFile(join(folder, name)),
    })),
  );
}

const MEDIA_TYPES: Record<string, string> = { ".md": "text/markdown", ".csv": "text/csv", ".txt": "text/plain" };

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch(absent);
  return text === undefined ? undefined : JSON.parse(text);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
