import { GROUPS, type Group } from './step.js';

/** Which groups a run was asked for. `only` empty: all. */
export interface GroupWish {
  readonly only: readonly Group[];
  readonly skip: readonly Group[];
  readonly isStrict: boolean;
}

export interface CheckPlan {
  /** In the order of {@link GROUPS}. */
  readonly groups: ReadonlySet<Group>;
  /** Those of them that may not be skipped: named by `only`, and TEST where it counts strictly. */
  readonly required: ReadonlySet<Group>;
}

/** What is looked at. A group that is both named and left out is left out. */
export function planGroups({ only, skip, isStrict }: GroupWish): CheckPlan {
  const groups = GROUPS.filter((group) => (only.length === 0 || only.includes(group)) && !skip.includes(group));
  const required = groups.filter((group) => only.includes(group) || (isStrict && group === 'test'));
  return { groups: new Set(groups), required: new Set(required) };
}

/** Looked at from outside, so that there must be a URL. */
const OUTSIDE: readonly Group[] = ['url', 'dns', 'tls', 'http'];

export function needsUrl({ groups }: CheckPlan): boolean {
  return OUTSIDE.some((group) => groups.has(group));
}

/** TEST and the comparison with the URL that is set ask App Store Connect; so does a run that was given no URL. */
export function asksConnect({ groups }: CheckPlan, hasUrl: boolean): boolean {
  return (
    groups.has('app-store-connect') || groups.has('test') || (!hasUrl && OUTSIDE.some((group) => groups.has(group)))
  );
}
