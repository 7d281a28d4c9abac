import { TABS, type TabName } from './keys.js';

/** What the URL of the page keeps, so that a reload or a bookmark shows the same. */
export interface PageUrlState {
  readonly query: string;
  readonly selectedId: string | null;
  readonly tab: TabName;
}

/** The token of a fragment `#t=TOKEN`; null without one. */
export function tokenOfFragment(fragment: string): string | null {
  return /^#t=([\w-]{8,200})$/.exec(fragment)?.[1] ?? null;
}

export function readPageUrl(search: string): PageUrlState {
  const words = new URLSearchParams(search);
  return {
    query: words.get('q') ?? '',
    selectedId: words.get('id'),
    tab: TABS.find((tab) => tab === words.get('tab')) ?? 'summary',
  };
}

/** The path and query for a state; never the token. */
export function buildPageUrl({ query, selectedId, tab }: PageUrlState): string {
  const words = new URLSearchParams();
  if (query.trim() !== '') words.set('q', query);
  if (selectedId !== null) words.set('id', selectedId);
  if (selectedId !== null && tab !== 'summary') words.set('tab', tab);
  const search = words.toString();
  return search === '' ? '/' : `/?${search}`;
}
