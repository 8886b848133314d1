import { z } from "zod";
import { agentDocument } from "./document.ts";
import { json } from "./json.ts";
import { receivedDocument } from "./migrate-document.ts";
import { problem } from "./problem.ts";

/** What the API sends and takes. REST, tRPC, OpenAPI and the pages all read these. Times are ISO 8601 strings. */
const id = z.string().min(1).max(64);
const time = z.iso.datetime();

/** A page of a list. `nextCursor` is null on the last one. */
export const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export const pageQuery = z.object({
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export const role = z.enum(["OWNER", "ADMIN", "MEMBER", "VIEWER"]);
export type Role = z.infer<typeof role>;
export const apiKeyScope = z.enum(["read", "write", "deploy"]);
export type ApiKeyScope = z.infer<typeof apiKeyScope>;

export const userResource = z.object({ id, email: z.string(), name: z.string().nullable(), image: z.string().nullable(), createdAt: time });
export type UserResource = z.infer<typeof userResource>;

export const workspaceResource = z.object({ id, name: z.string(), role, createdAt: time, updatedAt: time });
export type WorkspaceResource = z.infer<typeof workspaceResource>;
export const workspaceInput = z.object({ name: z.string().trim().min(1).max(120) });

export const memberResource = z.object({ id, userId: id, email: z.string(), name: z.string().nullable(), role, createdAt: time });
export type MemberResource = z.infer<typeof memberResource>;
export const inviteInput = z.object({ email: z.email(), role: role.exclude(["OWNER"]) });
export const invitationResource = z.object({ id, email: z.string(), role, expiresAt: time, createdAt: time });
export type InvitationResource = z.infer<typeof invitationResource>;

export const agentStatus = z.enum(["DRAFT", "PUBLISHED", "ARCHIVED"]);
export const agentResource = z.object({
  id,
  workspaceId: id,
  name: z.string(),
  description: z.string().nullable(),
  icon: z.string().nullable(),
  templateId: z.string().nullable(),
  /** Number of the latest published version; 0 before the first. */
  version: z.number().int(),
  /** Counts saves of the draft; send it back with a save so that two editors can't overwrite each other. */
  revision: z.number().int(),
  status: agentStatus,
  createdAt: time,
  updatedAt: time,
});
export const agentDetail = agentResource.extend({ config: agentDocument, problems: z.array(problem) });
export type AgentResource = z.infer<typeof agentResource>;
export type AgentDetail = z.infer<typeof agentDetail>;

const agentName = z.string().trim().min(1).max(120);
export const agentCreate = z.union([
  z
    .object({
      name: agentName,
      description: z.string().max(2_000).optional(),
      icon: z.string().max(64).optional(),
      config: receivedDocument,
    })
    .strict(),
  z
    .object({
      name: agentName,
      description: z.string().max(2_000).optional(),
      templateId: z.string().max(64),
      variables: z.record(z.string(), json).default({}),
    })
    .strict(),
]);
export const agentUpdate = z
  .object({
    name: agentName.optional(),
    description: z.string().max(2_000).nullable().optional(),
    icon: z.string().max(64).nullable().optional(),
    status: agentStatus.optional(),
    config: receivedDocument.optional(),
    /** With `config`: the revision that was edited. A later one on the server answers 409 `conflict`. */
    revision: z.number().int().optional(),
  })
  .strict();

export const executionStatus = z.enum(["PENDING", "RUNNING", "WAITING", "COMPLETED", "FAILED", "CANCELLED"]);
export type ExecutionStatus = z.infer<typeof executionStatus>;
export const executeInput = z.object({
  input: json.default({}),
  /** Continues a conversation; runs with the same id share its memory. */
  conversationId: z.string().min(1).max(128).optional(),
});
/** What execute and test answer for a run that completed. One that failed answers a problem document with `executionId`. */
export const executionResult = z.object({
  executionId: id,
  status: executionStatus,
  output: json,
  tokensUsed: z.number().int(),
  /** ms */
  latency: z.number().int(),
});
export type ExecutionResult = z.infer<typeof executionResult>;

/** A value that is too large to come along. */
export const valueFile = z.object({
  /** Path of a request that answers the whole value, as JSON. */
  url: z.string(),
  /** Size of that JSON. */
  bytes: z.number().int(),
  /** How it begins. */
  preview: z.string(),
});
export type ValueFile = z.infer<typeof valueFile>;

export const executionResource = z.object({
  id,
  agentId: id,
  agentName: z.string().optional(),
  deploymentId: id.nullable(),
  trigger: z.enum(["test", "api", "webhook", "chat", "schedule", "error"]),
  status: executionStatus,
  input: json,
  output: json.nullable(),
  /** Present where the output is larger than 256 KiB. Lists then leave the output out. */
  outputFile: valueFile.optional(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional(), nodeId: z.string().optional() }).nullable(),
  tokensUsed: z.number().int(),
  costUsd: z.number().nullable(),
  /** ms; null while it runs */
  latency: z.number().int().nullable(),
  conversationId: z.string().nullable(),
  startedAt: time,
  completedAt: time.nullable(),
});
export type ExecutionResource = z.infer<typeof executionResource>;

export const traceStep = z.object({
  key: z.string(),
  nodeId: z.string(),
  nodeName: z.string(),
  nodeType: z.string(),
  status: z.enum(["completed", "failed"]),
  output: json.nullable(),
  /** Instead of the output where that is larger than 256 KiB. */
  outputFile: valueFile.optional(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
  ports: z.array(z.string()),
  attempts: z.number().int(),
  tokensUsed: z.number().int(),
  startedAt: time,
  /** ms after the first step began, finer than `startedAt` */
  offset: z.number(),
  /** ms */
  duration: z.number(),
});
export type TraceStep = z.infer<typeof traceStep>;
export const traceResource = z.object({ executionId: id, steps: z.array(traceStep) });

export const deploymentStatus = z.enum(["ACTIVE", "INACTIVE", "ERROR"]);
export const deploymentResource = z.object({
  id,
  agentId: id,
  agentName: z.string().optional(),
  version: z.number().int(),
  /** Absolute address of the execute endpoint. */
  url: z.string(),
  status: deploymentStatus,
  configHash: z.string(),
  deployedAt: time,
});
export type DeploymentResource = z.infer<typeof deploymentResource>;
export const deploymentMetrics = z.object({
  executions: z.number().int(),
  completed: z.number().int(),
  failed: z.number().int(),
  tokensUsed: z.number().int(),
  costUsd: z.number(),
  /** ms; null without executions */
  latencyP50: z.number().nullable(),
  latencyP95: z.number().nullable(),
  /** Per day, oldest first, for the last 30 days. */
  daily: z.array(z.object({ day: z.string(), completed: z.number().int(), failed: z.number().int() })),
});

export const trainingState = z.object({
  status: z.enum(["none", "queued", "training", "ready", "failed"]),
  /** 0…1 */
  progress: z.number(),
  /** What is being done just now, for people. */
  stage: z.string().nullable(),
  /** Share of its own examples that cross-validation labels correctly, 0…1. */
  accuracy: z.number().nullable(),
  /** Labels that are confused most, worst first. */
  confusions: z.array(z.object({ label: z.string(), confusedWith: z.string(), count: z.number().int() })),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type TrainingState = z.infer<typeof trainingState>;
export const datasetResource = z.object({
  id,
  name: z.string(),
  version: z.number().int(),
  rows: z.number().int(),
  columns: z.array(z.string()),
  textColumn: z.string(),
  labelColumn: z.string().nullable(),
  labels: z.array(z.object({ label: z.string(), count: z.number().int() })),
  /** Rows of the file that were left out, and why; the first 100. */
  rejected: z.object({ count: z.number().int(), samples: z.array(z.object({ line: z.number().int(), reason: z.string() })) }),
  training: trainingState,
  createdAt: time,
  updatedAt: time,
});
export type DatasetResource = z.infer<typeof datasetResource>;
export const datasetRow = z.object({ id: z.number().int(), text: z.string(), label: z.string().nullable() });

export const knowledgeBaseResource = z.object({
  id,
  name: z.string(),
  documents: z.number().int(),
  passages: z.number().int(),
  createdAt: time,
  updatedAt: time,
});
export type KnowledgeBaseResource = z.infer<typeof knowledgeBaseResource>;
export const knowledgeDocumentResource = z.object({
  id,
  name: z.string(),
  mediaType: z.string(),
  bytes: z.number().int(),
  passages: z.number().int(),
  status: z.enum(["indexing", "ready", "failed"]),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  createdAt: time,
});
export const passageResource = z.object({
  text: z.string(),
  score: z.number(),
  documentId: id,
  documentName: z.string(),
  chunk: z.number().int(),
  section: z.string().optional(),
});

export const apiKeyResource = z.object({
  id,
  name: z.string(),
  /** The first characters, to tell keys apart. */
  prefix: z.string(),
  scopes: z.array(apiKeyScope),
  /** Requests a minute; null is the server's default. */
  rateLimit: z.number().int().nullable(),
  lastUsedAt: time.nullable(),
  expiresAt: time.nullable(),
  createdAt: time,
});
export type ApiKeyResource = z.infer<typeof apiKeyResource>;
/** Requests a minute; null leaves it to the server's default. */
export const rateLimit = z.number().int().min(1).max(10_000_000).nullable();
export const apiKeyCreate = z
  .object({
    name: z.string().trim().min(1).max(120),
    scopes: z.array(apiKeyScope).min(1),
    expiresAt: time.optional(),
    rateLimit: rateLimit.optional(),
  })
  .strict();
export const apiKeyUpdate = z.object({ name: z.string().trim().min(1).max(120).optional(), rateLimit: rateLimit.optional() }).strict();
export const apiKeyCreated = apiKeyResource.extend({ key: z.string() });

export const credentialResource = z.object({
  id,
  name: z.string(),
  type: z.string(),
  /** Fields that are not secret. Secret ones are never sent. */
  fields: z.record(z.string(), z.string()),
  allowedHosts: z.array(z.string()),
  createdAt: time,
  updatedAt: time,
});
export type CredentialResource = z.infer<typeof credentialResource>;
export const credentialCreate = z
  .object({
    name: z.string().trim().min(1).max(120),
    type: z.string().max(64),
    fields: z.record(z.string().max(64), z.string().max(8_192)),
    allowedHosts: z.array(z.string().max(255)).max(50).optional(),
  })
  .strict();

/** A model that an agent of this workspace could use now. */
export const modelConnection = z.object({
  /** What goes into a node's `connection`. */
  connection: z.string(),
  label: z.string(),
  provider: z.string(),
  models: z.array(z.string()),
  isLocal: z.boolean(),
});

export const templateVariable = z.object({
  name: z.string(),
  label: z.string(),
  help: z.string(),
  kind: z.enum(["text", "number", "boolean", "dataset", "knowledgeBase", "chatModel"]),
  isRequired: z.boolean(),
  default: json.optional(),
});
export const templateResource = z.object({
  id,
  name: z.string(),
  summary: z.string(),
  description: z.string(),
  category: z.string(),
  icon: z.string(),
  isFeatured: z.boolean(),
  variables: z.array(templateVariable),
  /** Messages to try it with. */
  samples: z.array(z.string()),
  attribution: z.string().nullable(),
});
export type TemplateResource = z.infer<typeof templateResource>;
export const templateDetail = templateResource.extend({ config: agentDocument });

export const auditEventResource = z.object({
  id,
  actor: z.string(),
  action: z.string(),
  target: z.string().nullable(),
  details: json.nullable(),
  at: time,
});
export type AuditEventResource = z.infer<typeof auditEventResource>;

/** RFC 9457 problem document, the body of every error answer. */
export const problemDocument = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  hint: z.string().optional(),
  instance: z.string().optional(),
  problems: z.array(problem).optional(),
  details: z.record(z.string(), z.unknown()).optional(),
  executionId: z.string().optional(),
});
export type ProblemDocument = z.infer<typeof problemDocument>;
