import { Client, type QueryResult } from "pg";

type Query = (...args: unknown[]) => Promise<QueryResult> | undefined;

/**
 * A client whose connection ends with the first query that gets no answer in time (`query_timeout`). pg itself only
 * gives the query up: what comes after it, a rollback first of all, waits behind it as long again, and whoever gives the
 * connection back without saying so hands it to the next.
 */
export class MortalClient extends Client {
  override query = ((...args: unknown[]) => {
    const answer = (super.query as Query)(...args);
    answer?.catch?.((error: unknown) => {
      if (error instanceof Error && error.message === "Query read timeout") this.connection.stream.destroy();
    });
    return answer;
  }) as Client["query"];
}
