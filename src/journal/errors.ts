import { ToolError } from '../errors.js';

/** Usage error `ERR_JOURNAL_READ` of a body that is gone. */
export function unreadable(folder: string): ToolError {
  const message = `the notification is no longer in the journal in ${folder}`;
  return new ToolError('usage', 'ERR_JOURNAL_READ', message, { hint: 'It was pruned or damaged in the meantime.' });
}

export function unknownId(id: string): ToolError {
  const message =
    id === 'last' ? 'the journal is empty' : `no notification in the journal has an id that begins with ${id}`;
  const hint = 'List the ids: storewire journal list';
  return new ToolError('usage', 'ERR_JOURNAL_ID_UNKNOWN', message, { hint });
}

const MAX_CANDIDATES = 5;

export function ambiguousId(id: string, ids: readonly string[]): ToolError {
  const more = ids.length > MAX_CANDIDATES ? ` and ${ids.length - MAX_CANDIDATES} more` : '';
  const message = `${ids.length} ids in the journal begin with ${id}: ${ids.slice(0, MAX_CANDIDATES).join(', ')}${more}`;
  return new ToolError('usage', 'ERR_JOURNAL_ID_AMBIGUOUS', message, { hint: 'Pass more characters of the id.' });
}
