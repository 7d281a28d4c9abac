import type { ToolError } from '../../errors.js';

/** What of Apple a run may ask. */
export type Opened<T> =
  | { readonly state: 'open'; readonly value: T }
  /** Nothing is set that could be used, and nobody insists on it. */
  | { readonly state: 'absent'; readonly why: string }
  /** What is set is incomplete, unreadable or of the wrong kind. */
  | { readonly state: 'refused'; readonly error: ToolError };
