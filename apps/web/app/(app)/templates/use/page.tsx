"use client";
import type { Json } from "@heddle/schema";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MessageSquare } from "lucide-react";
import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { DocsText } from "@/builder/inspector/docs-text";
import { VariableField } from "@/components/templates/variable-field";
import { Button } from "@/components/ui/button";
import { ErrorNote, ErrorState } from "@/components/ui/error-state";
import { FormField } from "@/components/ui/form-field";
import { Input } from "@/components/ui/input";
import { Page, PageHeader } from "@/components/ui/page-header";
import { SkeletonRows } from "@/components/ui/skeleton";
import { useTRPC } from "@/lib/trpc";
import { useWorkspace } from "@/lib/workspace";

/** The wizard: what the template is, the few things it asks for, and on to the builder. */
export default function UseTemplatePage() {
  const id = useSearchParams().get("id") ?? "";
  const trpc = useTRPC();
  const router = useRouter();
  const { workspace, canEdit } = useWorkspace();
  const template = useQuery(trpc.template.byId.queryOptions({ id }));
  const [name, setName] = useState<string>();
  const [values, setValues] = useState<Record<string, Json | undefined>>({});
  const queries = useQueryClient();
  const use = useMutation(
    trpc.template.use.mutationOptions({
      onSuccess: async (agent) => {
        // The template may have brought a data set and a knowledge base of its own.
        await queries.invalidateQueries();
        router.push(`/builder?agent=${agent.id}`);
      },
    }),
  );

  if (template.error) return <ErrorState error={template.error} onRetry={template.refetch} />;
  if (template.data === undefined)
    return (
      <Page width="narrow">
        <SkeletonRows />
      </Page>
    );
  const { variables, samples, attribution } = template.data;
  const agentName = name ?? template.data.name;
  const submit = () => {
    const given = Object.entries(values).filter((entry): entry is [string, Json] => entry[1] !== undefined);
    use.mutate({ workspaceId: workspace.id, templateId: id, name: agentName.trim(), variables: Object.fromEntries(given) });
  };
  return (
    <Page width="narrow">
      <PageHeader back={<Link href="/templates">Templates</Link>} title={template.data.name} description={template.data.summary} />
      <div className="mb-5 max-w-prose">
        <DocsText markdown={template.data.description} />
      </div>
      {samples.length > 0 && (
        <section aria-labelledby="samples" className="mb-5">
          <h2 id="samples" className="text-xs font-medium text-muted">
            Questions it can take
          </h2>
          <ul className="mt-2 flex flex-wrap gap-1.5">
            {samples.slice(0, 6).map((sample) => (
              <li
                key={sample}
                className="flex items-center gap-1.5 rounded-full border border-line bg-surface px-2.5 py-1 text-xs text-muted"
              >
                <MessageSquare className="size-3" aria-hidden />
                {sample}
              </li>
            ))}
          </ul>
        </section>
      )}
      <form
        className="flex flex-col gap-5 rounded-lg border border-line bg-surface p-5"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <FormField label="Name of your agent">
          {(control) => <Input {...control} value={agentName} maxLength={120} onChange={(event) => setName(event.target.value)} />}
        </FormField>
        {variables.map((variable) => (
          <VariableField
            key={variable.name}
            variable={variable}
            value={variable.name in values ? values[variable.name] : variable.default}
            onChange={(value) => setValues((before) => ({ ...before, [variable.name]: value }))}
          />
        ))}
        <ErrorNote error={use.error} />
        <div className="flex items-center justify-end gap-2">
          {!canEdit && <p className="mr-auto text-xs text-muted">Your role here lets you look, not change.</p>}
          <Button type="submit" variant="primary" isBusy={use.isPending || use.isSuccess} disabled={!canEdit || agentName.trim() === ""}>
            Create the agent
          </Button>
        </div>
      </form>
      {attribution !== null && <p className="mt-4 text-xs text-muted">{attribution}</p>}
    </Page>
  );
}
