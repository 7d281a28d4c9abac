import type { RecordedFacts } from './record.js';

/**
 * Identity of a notification for repeats and acceptances: its notificationUUID, extended by the content where the UUID was received before
 * with other content. Null without a UUID. Apple gives each notification a UUID of its own, but the mock notifications of Apple's
 * libraries all carry the same one.
 */
export function notificationKey({ uuid, variant }: Pick<RecordedFacts, 'uuid' | 'variant'>): string | null {
  return uuid === null || variant === undefined ? uuid : `${uuid}#${variant}`;
}
