import type { Database } from "@heddle/db";
import { createJournal, type JournalOptions } from "@heddle/db/journal";
import type { Egress } from "@heddle/egress";
import type { FileStorage } from "@heddle/files";
import { validateDocument } from "@heddle/graph";
import type { Jobs } from "@heddle/jobs";
import { createLocalServers, noLocalServers } from "@heddle/models";
import type { Embedder } from "@heddle/models/builtin";
import { credentials as credentialDefinitions } from "@heddle/nodes/credentials";
import { definitions } from "@heddle/nodes/definitions";
import { handlers } from "@heddle/nodes/handlers";
import type { Sandbox } from "@heddle/sandbox";
import type { AgentDocument } from "@heddle/schema";
import { createAccess, type Access } from "./access/access.ts";
import { createAccounts, type Accounts, type AccountsOptions } from "./accounts/accounts.ts";
import { checkReady } from "./check-ready.ts";
import { createAgents, type Agents } from "./agents/agents.ts";
import { createApiKeys, type ApiKeys } from "./api-keys/api-keys.ts";
import { createAuditLog, type AuditLog } from "./audit/audit-log.ts";
import { createCredentials, type Credentials } from "./credentials/credentials.ts";
import { createVault, type WrappingKey } from "./credentials/vault.ts";
import { Classifiers } from "./datasets/classifiers.ts";
import { createDatasets, type Datasets } from "./datasets/datasets.ts";
import { TrainingQueue, type Train } from "./datasets/training.ts";
import { DeploymentCache } from "./deployments/deployment-cache.ts";
import { findMissingResources } from "./deployments/find-missing-resources.ts";
import { createDeployments, type Deployments } from "./deployments/deployments.ts";
import type { EventLog } from "./events/event-log.ts";
import { ExecutionEvents } from "./events/execution-events.ts";
import { createPostgresEventLog } from "./events/postgres-event-log.ts";
import { showStoredStep } from "./events/shown-step.ts";
import { createDeadLetters, type DeadLetters } from "./dispatch/dead-letters.ts";
import { createDispatch, type Dispatch, type DispatchOptions } from "./dispatch/dispatch.ts";
import { ExecutionEngine } from "./executions/execution-engine.ts";
import { createExecutions, type Executions } from "./executions/executions.ts";
import { readOutcome } from "./executions/read-outcome.ts";
import { createRuns, type Runs } from "./executions/runs.ts";
import { keepLargeValues } from "./large-values/keep-large-values.ts";
import { LargeValues } from "./large-values/large-values.ts";
import { IndexingQueue } from "./knowledge/indexing.ts";
import { createKnowledgeBases, type KnowledgeBases } from "./knowledge/knowledge-bases.ts";
import { KnowledgeSearch } from "./knowledge/knowledge-search.ts";
import { BUILT_IN_MODEL } from "./models/built-in-model.ts";
import { createLimits, type Limits, type LimitsOptions } from "./limits/limits.ts";
import { createInvitations, type Invitations } from "./members/invitations.ts";
import { createMembers, type Members } from "./members/members.ts";
import { createModelConnections } from "./models/model-connections.ts";
import { createModels, type Models } from "./models/models.ts";
import { resumeBackgroundWork } from "./resume-background-work.ts";
import { retainByPlan } from "./retention/retain-by-plan.ts";
import { startRetention, type RetentionReport } from "./retention/retain.ts";
import { Retention } from "./retention/retention-days.ts";
import { createStepServices } from "./services/step-services.ts";
import type { TemplateFolder } from "./templates/template-files.ts";
import { ALL_ROLES, type ProcessRole } from "./process-role.ts";
import { createSubAgents } from "./executions/sub-agents.ts";
import { tellEngine } from "./executions/tell-engine.ts";
import { PublishedAgents } from "./dispatch/published-agents.ts";
import { createWaitAddresses } from "./waits/wait-address.ts";
import { createWaits, type Waits } from "./waits/waits.ts";
import { createTemplates, type Templates } from "./templates/templates.ts";
import { ExecutionSubscribers } from "./triggers/execution-subscribers.ts";
import { createIncomingWebhooks, type IncomingWebhooks } from "./triggers/incoming-webhooks.ts";
import type { Schedules } from "./triggers/schedules.ts";
import { createTriggers } from "./triggers/triggers.ts";
import { createWebhookAddresses, type WebhookAddresses } from "./triggers/webhook-addresses.ts";
import { createWebhooks, type Webhooks } from "./webhooks/webhooks.ts";
import { createWorkspaces, type Workspaces } from "./workspaces/workspaces.ts";

export interface PlatformOptions {
  db: Database;
  /** Whether no other process works on this database, so that runs left by an earlier one are taken over at once. */
  isDatabaseOurs?: boolean;
  /** Where runs that have ended go before the database; closed by whoever opened it, after the platform. */
  runLog?: JournalOptions["log"];
  publicUrl: string;
  /** How people sign in. */
  signIn: Pick<AccountsOptions, "secret" | "providers" | "mailer">;
  /** One key per purpose; none of them is in the database. */
  keys: { audit: Uint8Array; apiKeys: Uint8Array; vault: WrappingKey };
  /** For addresses that agents and tenants choose. */
  egress: Egress;
  /** For model servers, which may stand on this machine. */
  modelEgress: Egress;
  /** Whether to look for model servers on this machine. */
  areLocalServersSought: boolean;
  embedder: Embedder;
  train: Train;
  sandbox: Sandbox;
  /** For values that are too large for the database. Closed with the platform. */
  files: FileStorage;
  library: ReadonlyMap<string, TemplateFolder>;
  /** The server's own limits, and where processes share what they count. */
  limits?: Pick<LimitsOptions, "defaultPlan" | "rates" | "rateStore">;
  /** Where what watched runs tell is kept for other processes; the database where it is absent. Closed with the platform. */
  eventLog?: EventLog | undefined;
  /** Where hints about due runs go; closed by whoever opened it, after the platform. */
  jobs: Jobs;
  /** How this process takes runs from the queue, if it does. */
  dispatch?: Pick<DispatchOptions, "slots" | "sweepEveryMs" | "random">;
  /** How long a process may be silent before others take over its runs and the webhooks that it sends, ms; 30 s where it is absent. */
  leaseMs?: number | undefined;
  /** What this process does; everything where it is absent. */
  roles?: ReadonlySet<ProcessRole>;
  /** For how many days executions are kept; as long as a workspace's plan says where it is absent. */
  retentionDays?: number | undefined;
  /** Told what was let go of because it was over. */
  onRetention?: (report: RetentionReport) => void;
  /** Hears of faults that nobody else is told of. */
  onFault: (fault: unknown, where: Record<string, unknown>) => void;
}

/** All use cases of Heddle, by domain. What a request may do, it does through here. */
export interface Platform {
  readonly access: Access;
  readonly accounts: Accounts;
  readonly workspaces: Workspaces;
  readonly members: Members;
  readonly invitations: Invitations;
  readonly apiKeys: ApiKeys;
  readonly credentials: Credentials;
  readonly audit: AuditLog;
  readonly agents: Agents;
  readonly deployments: Deployments;
  readonly schedules: Schedules;
  readonly runs: Runs;
  readonly incomingWebhooks: IncomingWebhooks;
  readonly webhookAddresses: WebhookAddresses;
  readonly executions: Executions;
  readonly executionEvents: ExecutionEvents;
  readonly waits: Waits;
  readonly dispatch: Pick<Dispatch, "metrics">;
  readonly deadLetters: DeadLetters;
  readonly datasets: Datasets;
  readonly knowledge: KnowledgeBases;
  readonly templates: Templates;
  readonly models: Models;
  readonly webhooks: Webhooks;
  readonly limits: Limits;
  /** Resolves once this process does the work of its roles. */
  readonly started: Promise<void>;
  /** @throws HeddleError unavailable where requests can't be served */
  checkReady(): Promise<void>;
  /** Resolves once every run that has ended can be read, or can't be made to just now. Whoever answers with stored runs waits for it. */
  landed(): Promise<void>;
  /** Takes nothing more from the queue; what is under way goes on. */
  stopTaking(): Promise<void>;
  /** Lets runs under way end within the time given (ms), then stops all that works in the background. */
  close(drainMs: number): Promise<void>;
}

/** Builds the use cases over their adapters, and goes on with what an earlier process left unfinished. */
export function createPlatform(options: PlatformOptions): Platform {
  const { db, publicUrl, keys, egress, modelEgress, embedder, train, sandbox, library, onFault, roles = ALL_ROLES } = options;
  const access = createAccess(db);
  const onMailError = (fault: unknown) => onFault(fault, { during: "mail" });
  const audit = createAuditLog({ db, access, key: keys.audit });
  const limits = createLimits({
    db,
    access,
    audit,
    publicUrl,
    mailer: options.signIn.mailer,
    owner: () => journal.owner,
    ...options.limits,
    onFault: (fault) => onFault(fault, { during: "limits" }),
  });
  const accounts = createAccounts({ db, publicUrl, ...options.signIn, onMailError });
  const apiKeys = createApiKeys({ db, access, audit, pepper: keys.apiKeys });
  const vault = createVault({ db, current: keys.vault });
  const credentials = createCredentials({ db, access, audit, vault, definitions: credentialDefinitions });
  const findProblems = (document: AgentDocument) => validateDocument(document, definitions);
  const listCredentials = (workspaceId: string) => credentials.namesOf(workspaceId);
  const findMissing = (workspaceId: string, agent: { id: string; document: AgentDocument }) =>
    findMissingResources(workspaceId, agent, { db, registry: definitions, listCredentials });

  const training = new TrainingQueue({ db, train, model: BUILT_IN_MODEL, onFault: (fault) => onFault(fault, { during: "training" }) });
  const classifiers = new Classifiers({ db, embedder, training, model: BUILT_IN_MODEL });
  const indexing = new IndexingQueue({ db, embedder, onFault: (fault) => onFault(fault, { during: "indexing" }) });
  const search = new KnowledgeSearch({ db, embedder, indexing });
  const modelsOf = createModelConnections({
    credentialsOf: (workspaceId) => credentials.forWorkspace(workspaceId),
    listCredentials,
    tenantFetch: modelEgress.fetch,
    localFetch: modelEgress.fetch,
    post: modelEgress.post,
    localServers: options.areLocalServersSought ? createLocalServers({ fetch: modelEgress.fetch }) : noLocalServers,
  });
  const servicesFor = createStepServices(db, (workspaceId) => ({
    http: egress.http,
    models: modelsOf(workspaceId),
    embeddings: {
      dimensions: embedder.dimensions,
      embed: (texts, signal) => embedder.embed(texts, signal === undefined ? {} : { signal }),
    },
    classifiers: classifiers.forWorkspace(workspaceId),
    knowledge: search.forWorkspace(workspaceId),
    code: sandbox.forWorkspace(workspaceId),
    credentials: credentials.forWorkspace(workspaceId),
  }));

  const subscribers = new ExecutionSubscribers(db, (fault) => onFault(fault, { during: "subscribers" }));
  const values = new LargeValues(options.files);
  const rows = createJournal({
    pool: db.pools.journal,
    ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs, renewEveryMs: options.leaseMs / 3 }),
    onError: (fault) => onFault(fault, { during: "journal" }),
    log: options.runLog,
    outbox: { wants: (workspaceId, event) => subscribers.wants(workspaceId, event), onWritten: () => triggers.wake() },
  });
  const onRetentionFault = (fault: unknown) => onFault(fault, { during: "retention" });
  const retention = new Retention({
    db,
    planOf: (workspaceId) => {
      const known = limits.of(workspaceId);
      return known instanceof Promise ? known.then(({ plan }) => plan) : known.plan;
    },
    days: options.retentionDays,
    onFault: onRetentionFault,
  });
  const journal = retainByPlan(keepLargeValues(rows, { values, onFault }), retention);
  const onEventFault = (fault: unknown) => onFault(fault, { during: "events" });
  const events = new ExecutionEvents({
    log: options.eventLog ?? createPostgresEventLog(db, onEventFault),
    readOutcome: async (workspaceId, executionId) => {
      await rows.landed();
      return await readOutcome({ db, values }, workspaceId, executionId);
    },
    loadSteps: async (workspaceId, executionId) =>
      (await rows.loadSteps(workspaceId, executionId)).map((step) => showStoredStep(executionId, step)),
    onFault: onEventFault,
  });
  const cache = new DeploymentCache(db, definitions);
  const published = new PublishedAgents(db, definitions);
  const engine = new ExecutionEngine({
    journal,
    handlers,
    servicesFor,
    agentsOf: (workspaceId) => createSubAgents({ db, published, workspaceId }),
    events,
    limits,
    // Whoever is woken by an answer is hinted at when it comes.
    onSuspended: (workspaceId, wakeAt) => wakeAt && dispatch.hint(workspaceId, wakeAt),
    onFault,
  });
  const stopTelling = tellEngine({ db, engine, onFault });
  const dispatch = createDispatch({
    db,
    journal,
    engine,
    published,
    registry: definitions,
    jobs: options.jobs,
    limitsOf: (workspaceId) => limits.of(workspaceId),
    admitRun: (run) => limits.admitRun(run),
    ...options.dispatch,
    onFault,
  });
  const started = roles.has("worker") ? dispatch.startWorker({ isAlone: options.isDatabaseOurs ?? false }) : Promise.resolve();
  started.catch((fault: unknown) => onFault(fault, { during: "start" }));
  void resumeBackgroundWork({ db, training, indexing }).catch((fault: unknown) => onFault(fault, { during: "start" }));

  const webhooks = createWebhooks({
    db,
    access,
    audit,
    vault,
    fetch: egress.fetch,
    leaseMs: options.leaseMs,
    onFault: (fault) => onFault(fault, { during: "webhooks" }),
  });
  if (roles.has("worker") || roles.has("scheduler")) webhooks.start();
  const triggers = createTriggers({
    db,
    access,
    audit,
    journal,
    onEnqueued: (workspaceId) => dispatch.hint(workspaceId),
    consumers: [webhooks.consumer],
    retentionOf: (workspaceId) => retention.of(workspaceId),
    onFault,
  });
  if (roles.has("scheduler")) triggers.start();
  const { onRetention = () => undefined } = options;
  const letting = roles.has("scheduler")
    ? startRetention({ db, files: options.files, onDone: onRetention, onFault: onRetentionFault })
    : undefined;

  const agents = createAgents({ db, access, audit, findProblems });
  const datasets = createDatasets({ db, access, audit, training });
  const knowledge = createKnowledgeBases({ db, access, audit, indexing, search });
  return {
    access,
    accounts,
    workspaces: createWorkspaces({ db, access, audit }),
    members: createMembers({ db, access, audit }),
    invitations: createInvitations({ db, access, audit, publicUrl, mailer: options.signIn.mailer, onMailError }),
    apiKeys,
    credentials,
    audit,
    agents,
    datasets,
    knowledge,
    schedules: triggers.schedules,
    waits: createWaits({
      db,
      access,
      audit,
      addresses: createWaitAddresses({ secret: keys.apiKeys, publicUrl }),
      onResolved: (workspaceId) => dispatch.hint(workspaceId),
    }),
    deployments: createDeployments({ db, access, audit, publicUrl, findProblems, findMissing }),
    runs: createRuns({
      db,
      access,
      engine,
      values,
      deployments: cache,
      registry: definitions,
      limits,
      dispatch,
    }),
    webhookAddresses: createWebhookAddresses({ db, access, publicUrl }),
    incomingWebhooks: createIncomingWebhooks({
      db,
      engine,
      values,
      deployments: cache,
      credentialsOf: (workspaceId) => credentials.forWorkspace(workspaceId),
      enqueue: (execution) => dispatch.enqueue(execution),
      limits,
    }),
    executions: createExecutions({ db, access, engine, events, values, dispatch }),
    dispatch,
    deadLetters: createDeadLetters({ db, access, audit, deployments: cache, enqueue: (execution) => dispatch.enqueue(execution) }),
    executionEvents: events,
    templates: createTemplates({ db, access, agents, datasets, knowledge, library }),
    models: createModels({ access, modelsOf }),
    webhooks,
    limits,
    started,
    checkReady: () => checkReady(db),
    landed: () => rows.landed(),
    stopTaking: () => dispatch.stopWorker(),
    close: async (drainMs) => {
      await dispatch.stopWorker();
      await Promise.all([triggers.close(), letting?.stop()]);
      await Promise.all([engine.drain(drainMs), webhooks.close(drainMs)]);
      await dispatch.close();
      stopTelling();
      await events.close();
      journal.close();
      await Promise.all([training.close(), indexing.close()]);
      for (const part of [subscribers, cache, classifiers, search, credentials, apiKeys, accounts, access]) part.close();
      await Promise.all([limits.close(), options.files.close()]);
    },
  };
}
