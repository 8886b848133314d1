import { fieldHint, type NodeCategory } from "@heddle/node-kit";
import { definitions } from "@heddle/nodes/definitions";
import type { Metadata } from "next";
import { NodeIcon } from "@/builder/canvas/node-icon";
import { DocsText } from "@/builder/inspector/docs-text";

export const metadata: Metadata = { title: "Nodes" };

const CATEGORIES: Record<NodeCategory, string> = {
  trigger: "Triggers",
  model: "Models",
  knowledge: "Knowledge",
  tool: "Tools",
  logic: "Logic",
  transform: "Transform",
  memory: "Memory",
  output: "Output",
};

/** Every node type with its docs and settings, made from the definitions that the builder uses. */
export default function NodesPage() {
  const all = [...definitions.values()];
  const groups = Object.entries(CATEGORIES).map(([category, label]) => ({
    label,
    nodes: all.filter((definition) => definition.category === category),
  }));
  return (
    <>
      <h1 className="mt-10 text-2xl font-semibold tracking-tight">Nodes</h1>
      <p className="mt-2 max-w-prose text-base text-muted">
        What agents are made of. Any text field takes expressions such as {"{{ input.message }}"} unless it says otherwise.
      </p>
      {groups
        .filter(({ nodes }) => nodes.length > 0)
        .map(({ label, nodes }) => (
          <section key={label} className="mt-10">
            <h2 className="text-lg font-semibold tracking-tight">{label}</h2>
            {nodes.map((definition) => (
              <article key={definition.type} id={definition.type} className="mt-4 scroll-mt-4 rounded-lg border border-line bg-surface p-5">
                <h3 className="flex items-center gap-2.5 text-base font-semibold tracking-tight">
                  <NodeIcon icon={definition.icon} category={definition.category} />
                  {definition.name}
                  <code className="font-mono text-2xs font-normal text-subtle">{definition.type}</code>
                </h3>
                <div className="mt-3 max-w-prose">
                  <DocsText markdown={definition.docs} />
                </div>
                <dl className="mt-4 grid gap-x-6 gap-y-2 border-t border-line pt-3 text-sm sm:grid-cols-[12rem_1fr]">
                  {Object.entries(definition.params.shape).map(([name, field]) => {
                    const hint = fieldHint(field, name);
                    return (
                      <div key={name} className="contents">
                        <dt>
                          {hint.label} <code className="font-mono text-2xs text-subtle">{name}</code>
                        </dt>
                        <dd className="text-muted">{hint.help ?? ""}</dd>
                      </div>
                    );
                  })}
                </dl>
              </article>
            ))}
          </section>
        ))}
    </>
  );
}
