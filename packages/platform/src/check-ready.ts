import type { Database } from "@heddle/db";
import { HeddleError } from "@heddle/schema";

/** How long the database may take to say that it is there, ms. */
const ANSWER_WITHIN_MS = 1_500;

/** Whether requests can be served: the database answers, and soon. @throws HeddleError unavailable */
export async function checkReady(db: Pick<Database, "ping">): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
  });
  try {
    await Promise.race([db.ping(), silence]);
  } catch (error) {
    throw new HeddleError("unavailable", "Heddle can't reach its database just now. Try again in a moment.", { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
