/** Tabs of the right pane, by their keys 1 to 6. */
export const TABS = ['summary', 'payload', 'checks', 'deliveries', 'raw', 'timeline'] as const;
export type TabName = (typeof TABS)[number];

/** The tab that a key selects while the tab bar has the focus, as in any tab bar; null for any other key. */
export function tabOfKey(key: string, current: TabName): TabName | null {
  const index = TABS.indexOf(current);
  const places: Readonly<Record<string, number>> = {
    ArrowRight: (index + 1) % TABS.length,
    ArrowLeft: (index + TABS.length - 1) % TABS.length,
    Home: 0,
    End: TABS.length - 1,
  };
  return TABS[places[key] ?? -1] ?? null;
}

export type Command =
  | { readonly do: 'move'; readonly by: number }
  | { readonly do: 'first' | 'last' | 'filter' | 'replay' | 'edit' | 'copy' | 'help' | 'close' }
  | { readonly do: 'tab'; readonly tab: TabName };

/** The parts of a key event that decide. `isTyping`: the focus is in a field that takes text. */
export interface KeyPress {
  readonly key: string;
  readonly hasModifier: boolean;
  readonly isTyping: boolean;
}

/** Keys for the help, in its order. */
export const KEY_HELP: readonly (readonly [keys: string, meaning: string])[] = [
  ['j  k', 'Next and previous notification; arrow keys too'],
  ['g  G', 'Newest and oldest'],
  ['1 \u2013 6', 'Summary, Payload, Checks, Deliveries, Raw, Timeline'],
  ['/', 'Filter the list'],
  ['r', 'Replay to a target'],
  ['e', 'Edit, and sign again with the test authority'],
  ['y', 'Copy as curl'],
  ['?', 'This help'],
  ['Esc', 'Close, leave the filter, or clear the selection'],
];

const LETTERS: Readonly<Record<string, Command>> = {
  j: { do: 'move', by: 1 },
  k: { do: 'move', by: -1 },
  ArrowDown: { do: 'move', by: 1 },
  ArrowUp: { do: 'move', by: -1 },
  PageDown: { do: 'move', by: 10 },
  PageUp: { do: 'move', by: -10 },
  g: { do: 'first' },
  Home: { do: 'first' },
  G: { do: 'last' },
  End: { do: 'last' },
  '/': { do: 'filter' },
  r: { do: 'replay' },
  e: { do: 'edit' },
  y: { do: 'copy' },
  '?': { do: 'help' },
  Escape: { do: 'close' },
};

/** The command of a key; null where the key belongs to the browser or to the text being typed. */
export function commandOfKey({ key, hasModifier, isTyping }: KeyPress): Command | null {
  if (hasModifier || (isTyping && key !== 'Escape')) return null;
  const tab = /^[1-6]$/.test(key) ? TABS[Number(key) - 1] : undefined;
  if (tab !== undefined) return { do: 'tab', tab };
  return Object.hasOwn(LETTERS, key) ? (LETTERS[key] ?? null) : null;
}
