import type { RunState } from "../model/run-state.ts";
import { create } from "zustand";

/** One exchange of the test chat. */
export interface ChatTurn {
  id: number;
  question: string;
  /** The run as it ended; undefined while it goes on. */
  run: RunState | undefined;
}

interface ChatState {
  agentId: string | undefined;
  conversationId: string;
  turns: ChatTurn[];
  /** Begins anew: another agent, or "New conversation". */
  reset: (agentId: string) => void;
  ask: (question: string) => number;
  answer: (id: number, run: RunState | undefined) => void;
}

/** The test chat, kept while the panel shows something else. */
export const useChatStore = create<ChatState>((set, get) => ({
  agentId: undefined,
  conversationId: "",
  turns: [],
  reset: (agentId) => set({ agentId, conversationId: crypto.randomUUID(), turns: [] }),
  ask: (question) => {
    const id = (get().turns.at(-1)?.id ?? 0) + 1;
    set((state) => ({ turns: [...state.turns, { id, question, run: undefined }] }));
    return id;
  },
  answer: (id, run) => set((state) => ({ turns: state.turns.map((turn) => (turn.id === id ? { ...turn, run } : turn)) })),
}));
