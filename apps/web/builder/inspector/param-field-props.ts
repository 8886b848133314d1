import type { Json, JsonSchema } from "@heddle/schema";
import type { FormFieldModel } from "../model/form-field-model.ts";

/** What a field of the inspector is given: its param, and where it stands. */
export interface ParamFieldProps {
  field: FormFieldModel;
  value: Json | undefined;
  /** `undefined` leaves the field empty. */
  onChange: (value: Json | undefined) => void;
  /** What its expressions may read. */
  scope: JsonSchema;
  /** The params beside it. */
  siblings: Record<string, Json>;
  nodeId: string;
  /** Path inside the node, for problems: `params.branches.0.when`. */
  path: string;
  problemAt: (path: string) => string | undefined;
  isDisabled: boolean;
}
