"use client";
import type { AgentNode } from "@heddle/schema";
import { ArrowUp, MessageSquarePlus, Square } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Tooltip } from "@/components/ui/tooltip";
import { isUnderWay } from "../model/run-state.ts";
import { useBuilder } from "../store/builder-context";
import { useChatStore } from "../store/chat-store";
import { ChatTurnView } from "./chat-turn";
import { useTestRun } from "./use-test-run";

/** Talks with the draft. Each answer carries its trace. */
export function ChatPanel({ trigger }: { trigger: AgentNode }) {
  const agentId = useBuilder((state) => state.agentId);
  const canRun = useBuilder((state) => state.canEdit);
  const isRunning = useBuilder((state) => isUnderWay(state.run));
  const chat = useChatStore();
  const { start, stop } = useTestRun();
  const [text, setText] = useState("");
  const end = useRef<HTMLDivElement>(null);
  const streamedLength = useBuilder((state) => state.run?.streamed?.text.length ?? 0);
  const { reset } = chat;
  useEffect(() => {
    if (useChatStore.getState().agentId !== agentId) reset(agentId);
  }, [agentId, reset]);
  useEffect(() => {
    // Newer browsers give a promise, which an effect must not.
    void end.current?.scrollIntoView({ block: "end" });
  }, [chat.turns, streamedLength]);

  const send = async (message: string) => {
    if (message.trim() === "" || isRunning) return;
    setText("");
    const id = chat.ask(message);
    const history = chat.turns.length;
    const run = await start({ message }, chat.conversationId);
    // A conversation that was begun anew meanwhile does not get the old answer.
    if (useChatStore.getState().turns.length > history) useChatStore.getState().answer(id, run);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void send(text);
    }
  };
  const greeting = trigger.params["greeting"];
  const suggestions = Array.isArray(trigger.params["suggestions"])
    ? trigger.params["suggestions"].filter((item) => typeof item === "string" && item !== "")
    : [];

  return (
    <div className="flex h-full flex-col">
      <div role="log" aria-label="Test chat" className="min-h-0 flex-1 overflow-y-auto px-4 py-4">
        {typeof greeting === "string" && greeting !== "" && <p className="mb-4 whitespace-pre-wrap break-words text-sm">{greeting}</p>}
        {chat.turns.length === 0 && (
          <div className="flex flex-col items-start gap-2">
            {greeting === undefined && (
              <p className="text-sm text-muted">Send a message to try the agent. You see on the canvas which way it goes.</p>
            )}
            {suggestions.map((suggestion) => (
              <button
                type="button"
                key={String(suggestion)}
                disabled={!canRun}
                onClick={() => void send(String(suggestion))}
                className="rounded-lg border border-line-strong bg-surface px-3 py-1.5 text-left text-sm text-muted shadow-xs hover:border-control hover:text-fg"
              >
                {String(suggestion)}
              </button>
            ))}
          </div>
        )}
        <div className="flex flex-col gap-5">
          {chat.turns.map((turn) => (
            <ChatTurnView key={turn.id} turn={turn} />
          ))}
        </div>
        <div ref={end} />
      </div>
      <div className="border-t border-line p-3">
        <div className="flex items-end gap-1 rounded-lg border border-line-strong bg-surface p-1.5 shadow-xs focus-within:border-accent focus-within:ring-2 focus-within:ring-accent/30">
          <Tooltip content="New conversation" side="top">
            <Button
              variant="ghost"
              size="iconSm"
              aria-label="New conversation"
              disabled={isRunning || chat.turns.length === 0}
              onClick={() => reset(agentId)}
            >
              <MessageSquarePlus aria-hidden />
            </Button>
          </Tooltip>
          <textarea
            id="chat-message"
            aria-label="Message"
            rows={1}
            value={text}
            placeholder={canRun ? "Send a message…" : "You may look at this agent, and not run it"}
            disabled={!canRun}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={onKeyDown}
            className="field-sizing-content max-h-40 min-h-7 flex-1 resize-none bg-transparent px-1 py-1 text-sm outline-none"
          />
          {isRunning ? (
            <Button size="iconSm" aria-label="Stop" onClick={stop}>
              <Square className="size-3! fill-current" aria-hidden />
            </Button>
          ) : (
            <Button
              variant="primary"
              size="iconSm"
              aria-label="Send"
              disabled={!canRun || text.trim() === ""}
              onClick={() => void send(text)}
            >
              <ArrowUp aria-hidden />
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}
