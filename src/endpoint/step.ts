/** What `check` looks at, in the order it does. */
export const GROUPS = ['settings', 'url', 'dns', 'tls', 'http', 'app-store-connect', 'test'] as const;

export type Group = (typeof GROUPS)[number];

/** One thing that was looked at. Texts may quote the endpoint, at most 200 characters of it: escape them before showing. */
export interface Step {
  /** `tls.chain`: the group and what of it. */
  readonly id: `${Group}.${string}`;
  readonly group: Group;
  readonly status: 'pass' | 'warn' | 'fail' | 'skip';
  /** What it is about, in a few words. */
  readonly title: string;
  /** What was seen, or for a skipped step why it was skipped; null where there is nothing to tell. */
  readonly seen: string | null;
  readonly expected: string | null;
  /** What Apple would report of an endpoint like this; null where it would not keep Apple from delivering. */
  readonly sendAttemptResult: string | null;
  /** What to do; null where nothing is to be done. */
  readonly hint: string | null;
}

export type CheckVerdict = 'pass' | 'warn' | 'fail' | 'undetermined';
