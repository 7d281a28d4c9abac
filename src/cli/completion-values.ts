import { type CompletionSource, words } from './completion.js';

/** Values that several commands declare. Their data is loaded when Tab is pressed. */
const data = (): Promise<typeof import('./completion-data.js')> => import('./completion-data.js');

export const ENVIRONMENTS_OR_BOTH = words('sandbox', 'production', 'both');

/** Types, each followed by its TYPE.SUBTYPE pairs. */
export const EVENT_VALUES: CompletionSource = async (...place) => (await data()).completeEvents(...place);

export const SUBTYPES: CompletionSource = async (...place) => (await data()).completeSubtypes(...place);

export const ENVIRONMENT_VALUES = words('sandbox', 'production');

const LAST = { value: 'last', about: 'the newest' };

/** Ids of the journal are not offered: there may be a million. */
export const LAST_ENTRY: CompletionSource = () => ({ candidates: [LAST], files: false });

export const LAST_ENTRY_OR_FILES: CompletionSource = () => ({ candidates: [LAST], files: true });
