import type { Workshop } from './workshop.js';

export type Severity = 'critical' | 'high' | 'medium';

/** What a body names, so that its effect can be looked for; null where it names none. */
export interface NamedIds {
  readonly notificationUUID: string | null;
  readonly originalTransactionId: string | null;
}

/** A body to be posted. */
export interface Post extends NamedIds {
  readonly body: string;
  readonly contentType: string;
}

/** What a forgery is, in words. */
export interface ForgeryFacts {
  /** `forged.self-made-chain`; `genuine.…` where it was made with a token that the user gave. */
  readonly id: `forged.${string}` | `genuine.${string}`;
  readonly severity: Severity;
  /** What is wrong with it, in a few words. */
  readonly title: string;
  /** What an attacker would gain where it is believed. */
  readonly gain: string;
  /** How to close the hole. */
  readonly fix: string;
  /** The check in Apple's own libraries that refuses it. */
  readonly appleCheck: string;
  /**
   * What must be trusted for it to be refused for its own defect: `nothing`, since it is forged from the ground up; `authority`, the
   * test authority standing for Apple; `apple`, since Apple's own certificates stand in it. Where that is not trusted, a refusal says little.
   */
  readonly rests: 'nothing' | 'authority' | 'apple';
}

/** A forgery and how it is made. Each making has ids of its own, but for genuine tokens sent as they are. */
export interface Forgery extends ForgeryFacts {
  readonly make: (workshop: Workshop) => Promise<Post>;
}

export const JSON_TYPE = 'application/json';

/** `{"signedPayload":"…"}`, as the App Store posts it. */
export function postOf(token: string, ids: NamedIds): Post {
  return { body: JSON.stringify({ signedPayload: token }), contentType: JSON_TYPE, ...ids };
}
