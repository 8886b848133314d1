import { BookMarked, CornerDownLeft, GitBranch, type LucideIcon, MessageSquare, Tags, UserRound } from "lucide-react";
import { cn } from "@/lib/cn";

interface Card {
  icon: LucideIcon;
  kind: string;
  name: string;
  line: string;
  time: string;
  className: string;
}

const CARDS: Card[] = [
  {
    icon: MessageSquare,
    kind: "text-(--kind-trigger)",
    name: "Customer writes",
    line: "Chat message",
    time: "0 ms",
    className: "left-[3%] top-[40%]",
  },
  {
    icon: Tags,
    kind: "text-(--kind-knowledge)",
    name: "Understand",
    line: "77 intents, learned from examples",
    time: "5 ms",
    className: "left-[27%] top-[40%]",
  },
  {
    icon: GitBranch,
    kind: "text-(--kind-logic)",
    name: "Sure enough?",
    line: "Confidence at least 0.5",
    time: "0 ms",
    className: "left-[51%] top-[40%]",
  },
  {
    icon: BookMarked,
    kind: "text-(--kind-knowledge)",
    name: "Find the article",
    line: "Help centre, best 3 passages",
    time: "7 ms",
    className: "left-[75.5%] top-[12%]",
  },
  {
    icon: UserRound,
    kind: "text-(--kind-output)",
    name: "Hand to a person",
    line: "With the likely intents",
    time: "",
    className: "left-[75.5%] top-[66%] opacity-60",
  },
];

/** A picture of an agent at work, drawn with the builder's own looks. Decoration: screen readers get the sentence. */
export function FlowPicture() {
  return (
    <figure className="overflow-hidden rounded-xl border border-line bg-canvas shadow-md">
      <figcaption className="sr-only">
        A support agent: a message is labelled by a classifier that learned from examples; a confident one is answered from the help
        articles, an uncertain one goes to a person.
      </figcaption>
      <div
        aria-hidden
        className="relative hidden h-80 bg-[radial-gradient(var(--canvas-dot)_1px,transparent_1px)] [background-size:20px_20px] md:block"
      >
        <svg
          viewBox="0 0 1000 320"
          preserveAspectRatio="none"
          className="absolute inset-0 size-full text-control"
          fill="none"
          stroke="currentColor"
        >
          <g strokeWidth="1.5" vectorEffect="non-scaling-stroke">
            <path d="M220 160 H275" />
            <path d="M460 160 H515" />
            <path d="M720 160 C745 160 730 64 755 64" className="text-accent" stroke="currentColor" />
            <path d="M720 160 C745 160 730 248 755 248" strokeDasharray="4 4" />
          </g>
        </svg>
        {CARDS.map(({ icon: Icon, kind, name, line, time, className }) => (
          <div key={name} className={cn("absolute w-[21%] rounded-lg border border-line-strong bg-surface p-3 shadow-sm", className)}>
            <div className="flex items-center gap-2">
              <Icon className={cn("size-4 shrink-0", kind)} />
              <span className="truncate text-sm font-medium">{name}</span>
              {time !== "" && <span className="tabular ml-auto shrink-0 text-2xs text-ok">{time}</span>}
            </div>
            <p className="mt-1 truncate text-xs text-muted">{line}</p>
          </div>
        ))}
      </div>
      <div className="flex flex-col gap-3 border-line bg-surface p-4 md:flex-row md:items-center md:border-t">
        <p className="flex items-center gap-2 text-sm">
          <MessageSquare className="size-4 shrink-0 text-muted" aria-hidden />
          My card still hasn’t arrived, what now?
        </p>
        <CornerDownLeft className="hidden size-4 shrink-0 text-subtle md:block" aria-hidden />
        <p className="font-mono text-xs text-muted">
          {'{ "intent": "card_arrival", "confidence": 0.97, "answer": "…", "citations": […] }'}
        </p>
      </div>
    </figure>
  );
}
