"use client";
import type { DeploymentResource } from "@heddle/schema";
import Link from "next/link";
import { CodeBlock } from "@/components/ui/code-block";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";

/** How a program calls a deployment, in three languages that run as they stand. */
export function CallIt({ deployment }: { deployment: Pick<DeploymentResource, "url"> }) {
  const { url } = deployment;
  const examples = [
    {
      id: "curl",
      label: "curl",
      code: `curl -X POST '${url}' \\\n  -H "Authorization: Bearer $HEDDLE_KEY" \\\n  -H 'Content-Type: application/json' \\\n  -d '{"input":{"message":"Hello"}}'`,
    },
    {
      id: "javascript",
      label: "JavaScript",
      code: `const response = await fetch("${url}", {\n  method: "POST",\n  headers: {\n    authorization: \`Bearer \${process.env.HEDDLE_KEY}\`,\n    "content-type": "application/json",\n  },\n  body: JSON.stringify({ input: { message: "Hello" } }),\n});\nconst { output } = await response.json();`,
    },
    {
      id: "python",
      label: "Python",
      code: `import json, os, urllib.request\n\nrequest = urllib.request.Request(\n    "${url}",\n    data=json.dumps({"input": {"message": "Hello"}}).encode(),\n    headers={"Authorization": f"Bearer {os.environ['HEDDLE_KEY']}", "Content-Type": "application/json"},\n)\noutput = json.load(urllib.request.urlopen(request))["output"]`,
    },
  ];
  return (
    <div>
      <Tabs defaultValue="curl">
        <TabsList aria-label="Language">
          {examples.map(({ id, label }) => (
            <TabsTrigger key={id} value={id}>
              {label}
            </TabsTrigger>
          ))}
        </TabsList>
        {examples.map(({ id, label, code }) => (
          <TabsContent key={id} value={id}>
            <CodeBlock code={code} label={`${label} example`} />
          </TabsContent>
        ))}
      </Tabs>
      <p className="mt-3 text-xs text-muted">
        The key is one of your{" "}
        <Link href="/api-keys" className="text-accent-text underline underline-offset-3">
          API keys
        </Link>{" "}
        with the scope <code className="font-mono">write</code>. Add <code className="font-mono">?stream=1</code> to get the answer as it is
        written, or <code className="font-mono">?async=1</code> to be answered at once and ask for the result later.
      </p>
    </div>
  );
}
