import { BookMarked, GraduationCap, ListTree, type LucideIcon, ServerCog, ShieldCheck, Undo2 } from "lucide-react";

const FEATURES: { icon: LucideIcon; title: string; text: string }[] = [
  {
    icon: GraduationCap,
    title: "Learns from your examples",
    text: "Upload a file of questions and labels. The built-in model learns from it on your machine and says how often it is right.",
  },
  {
    icon: BookMarked,
    title: "Answers from your articles",
    text: "Search by meaning and by words together, and see which article each answer came from.",
  },
  {
    icon: ListTree,
    title: "Shows every step",
    text: "Each run leaves a trace: what came in, what went out, how long it took, which tokens it used.",
  },
  {
    icon: ServerCog,
    title: "Any model, or none",
    text: "Connect OpenAI, Anthropic or any compatible server. A model that runs on this machine is found by itself.",
  },
  {
    icon: Undo2,
    title: "Nothing gets lost",
    text: "Work is saved as you go and can be undone. Runs are recorded step by step, so a restart goes on where it stopped.",
  },
  {
    icon: ShieldCheck,
    title: "Kept apart by design",
    text: "Workspaces are separated in the database itself. Keys are encrypted, code runs in a sandbox, requests can't reach your network.",
  },
];

/** What Heddle does today, in six sentences. */
export function Features() {
  return (
    <section aria-label="What it does" className="mt-16 grid gap-x-8 gap-y-9 sm:grid-cols-2 lg:grid-cols-3">
      {FEATURES.map(({ icon: Icon, title, text }) => (
        <div key={title}>
          <Icon className="size-5 text-accent-text" aria-hidden />
          <h2 className="mt-3 text-base font-semibold tracking-tight">{title}</h2>
          <p className="mt-1 text-sm text-muted">{text}</p>
        </div>
      ))}
    </section>
  );
}
