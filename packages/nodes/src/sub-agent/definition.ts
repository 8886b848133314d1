import { defineNode } from "@heddle/node-kit";
import { z } from "zod";
import { cardLine } from "../card-line.ts";
import { anything } from "../output-schemas.ts";
import { jsonField, textField, textOf } from "../param-fields.ts";

/** Runs another agent inside this run. */
export const subAgent = defineNode({
  type: "sub-agent",
  name: "Agent",
  category: "logic",
  icon: "bot",
  summary: "Runs another agent of the workspace, as a step or as a tool.",
  docs: `Runs another agent of this workspace inside this run, in its deployed version, and gives its answer. Its steps are seen in this run's trace, its tokens and costs count here, and after a crash it goes on where it was.

**When to use it.** To use one agent in several others, to keep a large agent readable, or to let a model call specialists.

**As a tool.** Attach it to a *Language model* under *Tools* and describe what the agent is good at. With arguments such as \`question\`, its *Input* is \`{ "message": "{{ args.question }}" }\`.

**Input** is what the other agent's trigger expects: \`{ "message": "…" }\` for one that starts on a chat message. Left empty, it is what arrives here; as a tool, the arguments.

**Depth.** Agents may call agents, five deep.

**Example.** Input \`{ "message": "Summarise: {{ input.text }}" }\`; the answer is \`{{ agent.output }}\`.

**Output.** The other agent's output.

**Errors.** Whatever the other agent ended with; \`not_found\` when it is gone or not deployed; \`depth_limit\` when agents call each other too deep.`,
  params: z.object({
    agentId: textField({ label: "Agent", help: "Its deployed version runs.", control: "agent", expressions: "literal" }),
    input: jsonField({
      label: "Input",
      help: "Left empty: what arrives here; as a tool, the arguments.",
      placeholder: '{ "message": "{{ input.message }}" }',
      rows: 4,
    }),
  }),
  provides: ["tool"],
  describe: ({ input }) => cardLine(textOf(input)),
  output: () => anything,
  control: "sub-agent",
  hasSideEffects: true,
  timeoutMs: 3_600_000,
});
