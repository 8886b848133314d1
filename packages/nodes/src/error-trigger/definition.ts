import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine } from "../card-line.ts";
import { anything, integer, objectSchema, text } from "../output-schemas.ts";

/** Starts a run when another agent's run has failed. */
export const errorTrigger = defineNode({
  type: "error-trigger",
  name: "Failed run",
  category: "trigger",
  icon: "siren",
  summary: "Starts when another agent's run fails.",
  docs: `Starts a run when a run of another agent of this workspace has failed for good, after all its retries.

**When to use it.** To tell somebody, to open a ticket, to put the input aside for later. One such agent can look after all others.

**Agents.** Only failures of these agents; left empty, of all. An agent never handles failures of its own, nor failures of runs that handle failures, so that no failure goes in circles. Test runs are left out.

**Example.** A *Language model* explains \`{{ input.error.message }}\`, and an *HTTP request* posts it to your chat with \`{{ input.agent.name }}\` and \`{{ input.executionId }}\`.

**Output.** \`executionId\`, \`agent\` (\`id\`, \`name\`), \`error\` (\`code\`, \`message\`, \`hint\`, \`nodeId\`, \`details\`), \`input\`: what the failed run was given, \`failedAt\` (ISO 8601), \`attempts\`.

**Errors.** None of its own.`,
  params: z.object({
    agentIds: z
      .array(
        z
          .string("choose an agent")
          .min(1, "choose an agent")
          .meta({ ui: { label: "Agent", control: "agent", expressions: "literal" } }),
      )
      .max(100, "choose 100 agents or fewer")
      .default([])
      .meta({ ui: { label: "Agents", help: "Left empty: all agents of the workspace.", control: "list", expressions: "literal" } }),
  }),
  describe: ({ agentIds }) => {
    const count = Array.isArray(agentIds) ? agentIds.filter((id) => typeof id === "string" && id !== "").length : 0;
    return cardLine(count === 0 ? "Any agent" : count === 1 ? "One agent" : `${count} agents`);
  },
  output: () =>
    objectSchema(
      {
        executionId: text,
        agent: objectSchema({ id: text, name: text }),
        error: objectSchema(
          { code: text, message: text, hint: text, nodeId: text, details: anything },
          { optional: ["hint", "nodeId", "details"] },
        ),
        input: anything,
        failedAt: text,
        attempts: integer,
      },
      { optional: ["attempts"] },
    ),
});
