"use client";
import { useMemo } from "react";
import { triggerOf } from "../model/sample-input.ts";
import { useBuilder } from "../store/builder-context";
import { ChatPanel } from "./chat-panel";
import { InputPanel } from "./input-panel";

/** Tries the draft: by chatting where a chat starts it, else with an input. */
export function TestPanel() {
  const document = useBuilder((state) => state.document);
  const trigger = useMemo(() => triggerOf(document), [document]);
  if (trigger?.type === "chat-trigger") return <ChatPanel trigger={trigger} />;
  return <InputPanel key={trigger?.id ?? "none"} trigger={trigger} />;
}
