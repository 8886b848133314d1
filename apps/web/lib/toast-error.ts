import { toast } from "sonner";
import { toProblem } from "./problem";

/** Tells of an error that has no place of its own on the page. */
export function toastError(error: unknown): void {
  const problem = toProblem(error);
  toast.error(problem.detail, problem.hint === undefined ? {} : { description: problem.hint });
}
