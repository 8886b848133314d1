import type { JsonSchema } from "@heddle/schema";
import { describeType } from "@/lib/open-api";

const MAX_DEPTH = 6;

/** The fields of an object schema, nested ones folded away. */
export function SchemaTree({ schema, depth = 0 }: { schema: JsonSchema; depth?: number }) {
  const choices = schema.anyOf ?? schema.oneOf;
  if (schema.properties === undefined && choices !== undefined && choices.some((choice) => choice.properties !== undefined)) {
    return (
      <div className="flex flex-col gap-2">
        {choices.map((choice, index) => (
          <div key={index}>
            <p className="mb-1 text-xs text-muted">{index === 0 ? "Either" : "or"}</p>
            <SchemaTree schema={choice} depth={depth + 1} />
          </div>
        ))}
      </div>
    );
  }
  const inner = schema.properties === undefined && typeof schema.items === "object" ? schema.items : schema;
  if (inner.properties === undefined) return <p className="font-mono text-xs text-muted">{describeType(schema)}</p>;
  return (
    <ul className="divide-y divide-line rounded-md border border-line">
      {Object.entries(inner.properties).map(([name, field]) => (
        <SchemaField key={name} name={name} field={field} isRequired={inner.required?.includes(name) ?? false} depth={depth} />
      ))}
    </ul>
  );
}

function SchemaField({ name, field, isRequired, depth }: { name: string; field: JsonSchema; isRequired: boolean; depth: number }) {
  const line = (
    <span className="inline-flex flex-wrap items-baseline gap-x-2">
      <code className="font-mono text-xs font-medium">{name}</code>
      <span className="font-mono text-2xs text-muted">{describeType(field)}</span>
      {isRequired && <span className="text-2xs text-warn">required</span>}
      {field.description !== undefined && <span className="text-xs text-muted">{field.description}</span>}
    </span>
  );
  if (!hasFields(field) || depth >= MAX_DEPTH) return <li className="px-3 py-1.5">{line}</li>;
  return (
    <li className="px-3 py-1.5">
      <details>
        <summary className="rounded-sm marker:text-subtle">{line}</summary>
        <div className="mt-2 pl-3">
          <SchemaTree schema={field} depth={depth + 1} />
        </div>
      </details>
    </li>
  );
}

function hasFields(schema: JsonSchema): boolean {
  if (schema.properties !== undefined) return true;
  if (typeof schema.items === "object" && hasFields(schema.items)) return true;
  return (schema.anyOf ?? schema.oneOf)?.some((choice) => choice.properties !== undefined) ?? false;
}
