"use client";
import type { AppRouter } from "@heddle/api";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import { type ReactNode, useState } from "react";
import { isSignedOut, toProblem } from "./problem";
import { goToSignIn } from "./sign-in-redirect";

/** `useTRPC().agent.list.queryOptions(…)` for TanStack Query's hooks; `useTRPCClient().agent.update.mutate(…)` for the rest. */
export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

/** Gives the pages below it the API. Whoever is signed out is sent to sign in and comes back. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient);
  const [client] = useState(() => createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: "/api/trpc", maxURLLength: 4_000 })] }));
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}

function makeQueryClient(): QueryClient {
  const onError = (error: unknown) => {
    if (isSignedOut(error)) goToSignIn();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        // What the request itself got wrong stays wrong; a broken connection may heal.
        retry: (failures, error) => failures < 2 && (toProblem(error).status === 0 || toProblem(error).status >= 500),
      },
    },
  });
}
