import { isJsonObject, type Json } from '../../jws/json.js';
import { checkShape } from '../../notification/check-shape.js';
import { detectKind } from '../../notification/kind.js';
import type { BuiltNotification } from './assemble.js';
import { editNotification } from './edits.js';
import { parseFieldText, readFieldJson, type TypedValue, valueError } from './field-values.js';
import { payloadContainer } from './read-state.js';

/** A value to set: the text of a flag, or the JSON of a file. */
export type GivenValue =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly json: Json };

/** Changes as a user gives them, before their values have the types of the fields. */
export interface GivenEdits {
  readonly set: readonly GivenValue[];
  readonly remove: readonly string[];
}

export interface EditContext {
  /** Time of the event (ms), which relative dates count from. */
  readonly atMs: number;
  /** Allows values that every verifier rejects. */
  readonly isForged: boolean;
  readonly onRemark: (remark: string) => void;
}

/**
 * Removes fields, then sets the others with values of their documented types. Throws (usage) `ERR_SIMULATOR_PATH` for a path that does not
 * exist, and `ERR_SIMULATOR_VALUE` for a change that every verifier would reject.
 */
export function editTyped(
  built: BuiltNotification,
  { set, remove }: GivenEdits,
  context: EditContext,
): BuiltNotification {
  if (set.length === 0 && remove.length === 0) return built;
  const typed = set.map((given): readonly [string, Json] => {
    const { value, remark } = typedValue(given, context);
    if (remark !== null) context.onRemark(remark);
    return [given.path, value];
  });
  const edited = editNotification(built, { set: Object.fromEntries(typed), remove });
  if (!context.isForged) requireReadable(built, edited);
  for (const remark of mismatches(edited)) context.onRemark(remark);
  return edited;
}

function typedValue(given: GivenValue, context: EditContext): TypedValue {
  return 'text' in given
    ? parseFieldText(given.path, given.text, context)
    : readFieldJson(given.path, given.json, context);
}

const TOKENS = ['transaction', 'renewalInfo', 'appTransaction'] as const;

/** Defects that were there before the edit are the original's own. */
function requireReadable(before: BuiltNotification, after: BuiltNotification): void {
  const known = new Set(defectsOf(before).map(({ path }) => path));
  const defect = defectsOf(after).find(({ path }) => !known.has(path));
  if (defect !== undefined) {
    throw valueError(
      `every verifier would reject ${defect.path}: expected ${defect.expected}, found ${defect.found}`,
      'To send it all the same, add --forge REASON.',
    );
  }
  const wasNotification = detectKind(before.notification) === 'notification';
  if (wasNotification && detectKind(after.notification) !== 'notification') {
    throw valueError(
      'this would no longer be a notification, and every verifier would reject it',
      'Keep notificationType.',
    );
  }
}

function defectsOf(built: BuiltNotification): readonly { path: string; expected: string; found: string }[] {
  const nested = TOKENS.flatMap((token) =>
    checkShape(built[token] ?? {}, token).map((finding) => ({ ...finding, path: `${token}.${finding.path}` })),
  );
  return [...checkShape(built.notification, 'notification'), ...nested].filter(({ isRemark }) => isRemark !== true);
}

/** Fields that the nested tokens share with the notification: our own verifier compares them, Apple's libraries do not. */
function mismatches(built: BuiltNotification): readonly string[] {
  const container = payloadContainer(built);
  if (container === null) return [];
  const { name, fields } = container;
  return TOKENS.flatMap((token) =>
    (['bundleId', 'environment'] as const).flatMap((field) => {
      const nested = built[token];
      if (!isJsonObject(nested)) return [];
      const nestedField = token === 'appTransaction' && field === 'environment' ? 'receiptType' : field;
      const [outer, inner] = [fields[field], nested[nestedField]];
      if (outer === undefined || inner === undefined || outer === inner) return [];
      return [
        `${name}.${field} and ${token}.${nestedField} differ: storewire rejects that as NESTED_MISMATCH, Apple's libraries do not`,
      ];
    }),
  );
}
