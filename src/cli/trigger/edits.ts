import { ToolError } from '../../errors.js';
import { type Json, parseJson } from '../../jws/json.js';
import type { Edits } from '../../simulator/payloads/edit-notification.js';

/**
 * `--set path=value` and `--remove path` as edits. A value that is JSON is that value (`7`, `true`, `null`, `"7"`, `{"a":1}`),
 * anything else is text. Throws `ERR_USAGE_SET` where there is no path or no equals sign.
 */
export function parseEdits(set: readonly string[], remove: readonly string[]): Required<Edits> {
  return { set: Object.fromEntries(set.map(parseAssignment)), remove };
}

function parseAssignment(text: string): readonly [string, Json] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), parseValue(text.slice(at + 1))];
  throw new ToolError('usage', 'ERR_USAGE_SET', `--set ${text} is not path=value`, {
    hint: 'Such as --set data.bundleId=com.example.app, --set transaction.price=4990 or --set \'data.status="1"\'.',
  });
}

function parseValue(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
