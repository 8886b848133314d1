import { DatabaseError, type Pool, type PoolClient, type QueryConfig, type QueryResult, type QueryResultRow } from "pg";

/** A connection, for as long as statements are under way on it. */
interface Line {
  connecting: Promise<PoolClient>;
  /** Once it is there. */
  client: PoolClient | undefined;
  underway: number;
  isBroken: boolean;
}

/**
 * Statements that follow each other on one connection: the server goes from one to the next without waiting for us to hear
 * of the first. Each is a transaction of its own. The pool's clients must be of the kind that sends ahead (`pipeline`); they
 * are its own again as soon as nothing is under way. A connection that breaks fails what is under way on it, and the next
 * statement gets another.
 */
export class Pipeline {
  readonly #pool: Pool;
  #line: Line | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async query<R extends QueryResultRow>(config: QueryConfig): Promise<QueryResult<R>> {
    const line = (this.#line ??= { connecting: this.#pool.connect(), client: undefined, underway: 0, isBroken: false });
    line.underway += 1;
    try {
      line.client ??= await line.connecting;
      return await line.client.query<R>(config);
    } catch (error) {
      if (!isRefusal(error)) this.#drop(line);
      throw error;
    } finally {
      line.underway -= 1;
      if (line.underway === 0) this.#giveBack(line);
    }
  }

  #drop(line: Line): void {
    line.isBroken = true;
    if (this.#line === line) this.#line = undefined;
  }

  #giveBack(line: Line): void {
    if (this.#line === line) this.#line = undefined;
    line.client?.release(line.isBroken);
  }
}

/** Whether the server refused a statement, and takes others. */
function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && error.severity === "ERROR";
}
