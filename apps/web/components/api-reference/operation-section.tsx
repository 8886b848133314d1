import { InlineText } from "@/builder/inspector/docs-text";
import { Badge } from "@/components/ui/badge";
import { CodeBlock } from "@/components/ui/code-block";
import { cn } from "@/lib/cn";
import { curlExample, describeType, type Operation, successOf } from "@/lib/open-api";
import { SchemaTree } from "./schema-tree";

const METHOD_COLOURS: Record<string, string> = {
  GET: "text-ok",
  POST: "text-accent-text",
  PUT: "text-warn",
  PATCH: "text-warn",
  DELETE: "text-bad",
};

/** One operation: who may call it, what it takes, what it answers, and a command to try. */
export function OperationSection({ operation, origin }: { operation: Operation; origin: string }) {
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  const success = successOf(operation);
  return (
    <section
      id={operation.operationId}
      aria-labelledby={`${operation.operationId}-title`}
      className="scroll-mt-6 border-t border-line py-6"
    >
      <h3 id={`${operation.operationId}-title`} className="text-base font-semibold tracking-tight">
        {operation.summary}
      </h3>
      <p className="mt-1 font-mono text-xs break-all">
        <span className={cn("mr-2 font-semibold", METHOD_COLOURS[operation.method])}>{operation.method}</span>
        {operation.path}
      </p>
      <p className="mt-2 flex flex-wrap items-center gap-1.5 text-xs text-muted">{whoMayCall(operation)}</p>
      {operation.description !== undefined && (
        <p className="mt-2 max-w-prose text-sm text-muted">
          <InlineText text={operation.description} />
        </p>
      )}
      <div className="mt-4 grid gap-4 xl:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-4">
          {(operation.parameters?.length ?? 0) > 0 && (
            <Part title="Parameters">
              <ul className="divide-y divide-line rounded-md border border-line">
                {operation.parameters?.map((parameter) => (
                  <li key={`${parameter.in}.${parameter.name}`} className="flex flex-wrap items-baseline gap-x-2 px-3 py-1.5">
                    <code className="font-mono text-xs font-medium">{parameter.name}</code>
                    <span className="font-mono text-2xs text-muted">
                      {parameter.in}, {describeType(parameter.schema)}
                    </span>
                    {parameter.required && <span className="text-2xs text-warn">required</span>}
                  </li>
                ))}
              </ul>
            </Part>
          )}
          {body !== undefined && (
            <Part title="Body">
              <SchemaTree schema={body} />
            </Part>
          )}
          <Part title={`Answer ${success.status}`}>
            {success.schema === undefined ? <p className="text-xs text-muted">No body</p> : <SchemaTree schema={success.schema} />}
          </Part>
        </div>
        <Part title="Example">
          <CodeBlock code={curlExample(operation, origin)} label={`Command for ${operation.summary}`} />
        </Part>
      </div>
    </section>
  );
}

function whoMayCall(operation: Operation) {
  const security = operation.security ?? [];
  if (security.length === 0) return "Anyone may call this.";
  if (!security.some((scheme) => "apiKey" in scheme)) return "Needs a session.";
  return (
    <>
      Needs a session or an API key with
      {(operation["x-scopes"] ?? []).map((scope) => (
        <Badge key={scope}>{scope}</Badge>
      ))}
    </>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <h4 className="mb-1.5 text-xs font-medium text-muted">{title}</h4>
      {children}
    </div>
  );
}
