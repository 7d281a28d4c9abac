import { ToolError } from '../errors.js';

/** What a command throws that was stopped by a signal before its end: exit 130, and nothing more is said. */
export function interrupted(): ToolError {
  return new ToolError('interrupted', 'ERR_INTERRUPTED', 'interrupted');
}
