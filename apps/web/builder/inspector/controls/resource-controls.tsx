"use client";
import type { AgentVariable } from "@heddle/schema";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { FieldControlProps } from "@/components/ui/form-field";
import { Select, type SelectOption } from "@/components/ui/select";
import { formatCount } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";
import { useBuilder } from "../../store/builder-context";

interface ResourceProps extends FieldControlProps {
  value: string;
  onChange: (value: string) => void;
  isDisabled: boolean;
}

/** A data set of the workspace, or a variable that names one. */
export function DatasetControl(props: ResourceProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const list = useQuery(trpc.dataset.list.queryOptions({ workspaceId: workspace.id, limit: 200 }));
  const options = (list.data?.items ?? []).map((item) => ({ value: item.id, label: item.name, help: `${formatCount(item.rows)} rows` }));
  return <ResourceSelect {...props} options={options} kind="dataset" isLoading={list.isPending} empty="No data set yet" href="/datasets" />;
}

/** A knowledge base of the workspace, or a variable that names one. */
export function KnowledgeBaseControl(props: ResourceProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const list = useQuery(trpc.knowledge.list.queryOptions({ workspaceId: workspace.id, limit: 200 }));
  const options = (list.data?.items ?? []).map((item) => ({
    value: item.id,
    label: item.name,
    help: `${formatCount(item.documents)} documents`,
  }));
  return (
    <ResourceSelect
      {...props}
      options={options}
      kind="knowledgeBase"
      isLoading={list.isPending}
      empty="No knowledge base yet"
      href="/knowledge"
    />
  );
}

/** A credential of one of the types that fit. */
export function CredentialControl({ types, ...props }: ResourceProps & { types: readonly string[] | undefined }) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const list = useQuery(trpc.credential.list.queryOptions({ workspaceId: workspace.id, limit: 200 }));
  const options = (list.data?.items ?? [])
    .filter((item) => types === undefined || types.includes(item.type))
    .map((item) => ({ value: item.id, label: item.name, help: item.type }));
  return (
    <ResourceSelect
      {...props}
      options={options}
      kind="credential"
      isLoading={list.isPending}
      empty="No fitting credential yet"
      href="/credentials"
      isOptional
    />
  );
}

/** A deployed agent of the workspace. */
export function AgentControl(props: ResourceProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const list = useQuery(trpc.deployment.list.queryOptions({ workspaceId: workspace.id, limit: 200 }));
  const agents = new Map(
    (list.data?.items ?? []).filter(({ status }) => status === "ACTIVE").map((item) => [item.agentId, item.agentName ?? "An agent"]),
  );
  return (
    <ResourceSelect
      {...props}
      options={[...agents].map(([value, label]) => ({ value, label }))}
      kind={undefined}
      isLoading={list.isPending}
      empty="No agent is deployed yet"
      gone="Not deployed, or gone"
      href="/agents"
    />
  );
}

/** A connected model provider; empty means the only one. */
export function ModelConnectionControl(props: ResourceProps) {
  const trpc = useTRPC();
  const { workspace } = useWorkspace();
  const list = useQuery(trpc.model.connections.queryOptions({ workspaceId: workspace.id }));
  const options = (list.data ?? []).map((item) => ({
    value: item.connection,
    label: item.label,
    help: item.isLocal ? "On this machine" : item.provider,
  }));
  return (
    <ResourceSelect
      {...props}
      options={options}
      kind="credential"
      isLoading={list.isPending}
      empty="No model provider is connected"
      href="/credentials"
      isOptional
      automatic="Automatic"
    />
  );
}

const NONE = "\u0000none";

interface ResourceSelectProps extends ResourceProps {
  options: SelectOption[];
  /** Of the variables that can be chosen instead; undefined for none. */
  kind: AgentVariable["kind"] | undefined;
  isLoading: boolean;
  empty: string;
  /** Where such a thing is made. */
  href: string;
  isOptional?: boolean;
  automatic?: string;
  /** What is said of a value that is not among the options. */
  gone?: string;
}

function ResourceSelect({
  value: given,
  onChange,
  options,
  kind,
  isLoading,
  empty,
  href,
  isOptional = false,
  automatic = "None",
  gone = "No longer there",
  isDisabled,
  ...control
}: ResourceSelectProps) {
  const allVariables = useBuilder((state) => state.document.variables);
  const variables = allVariables
    .filter((variable) => variable.kind === kind)
    .map((variable) => ({
      value: `{{ variables.${variable.name} }}`,
      label: variable.label ?? variable.name,
      help: "Variable of this agent",
    }));
  // Written with other spaces, it is the same variable.
  const value = variables.find((option) => sameExpression(option.value, given))?.value ?? given;
  const isKnown = value === "" || [...options, ...variables].some((option) => option.value === value);
  const all = [
    ...(isOptional ? [{ value: NONE, label: automatic }] : []),
    ...variables,
    ...options,
    // What a node was set to stays visible when it is gone, so that it can be seen and changed.
    ...(isKnown ? [] : [{ value, label: isLoading ? "Loading…" : gone, help: value }]),
  ];
  if (!isLoading && all.length === 0) {
    return (
      <p className="rounded-md border border-dashed border-line-strong px-2.5 py-1.5 text-xs text-muted">
        {empty}.{" "}
        <Link href={href} className="text-accent-text underline underline-offset-2">
          Make one
        </Link>
      </p>
    );
  }
  return (
    <>
      <Select
        {...control}
        value={value === "" && isOptional ? NONE : value}
        onValueChange={(next) => onChange(next === NONE ? "" : next)}
        options={all}
        isDisabled={isDisabled}
        placeholder={isLoading ? "Loading…" : "Choose…"}
      />
      {automatic !== "None" && !isLoading && options.length === 0 && (
        <p className="text-xs text-warn">
          {empty}.{" "}
          <Link href={href} className="underline underline-offset-2">
            Connect one
          </Link>
        </p>
      )}
    </>
  );
}

function sameExpression(left: string, right: string): boolean {
  return left.replaceAll(/\s/g, "") === right.replaceAll(/\s/g, "");
}
