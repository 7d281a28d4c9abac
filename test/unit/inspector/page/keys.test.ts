import { describe, expect, it } from 'vitest';
import { commandOfKey, KEY_HELP, TABS } from '../../../../src/inspector/page/model/keys.js';

const press = (key: string, hasModifier = false, isTyping = false) => commandOfKey({ key, hasModifier, isTyping });

describe('commandOfKey', () => {
  it.each([
    ['j', { do: 'move', by: 1 }],
    ['ArrowUp', { do: 'move', by: -1 }],
    ['g', { do: 'first' }],
    ['G', { do: 'last' }],
    ['/', { do: 'filter' }],
    ['r', { do: 'replay' }],
    ['e', { do: 'edit' }],
    ['y', { do: 'copy' }],
    ['?', { do: 'help' }],
    ['Escape', { do: 'close' }],
    ['1', { do: 'tab', tab: 'summary' }],
    ['6', { do: 'tab', tab: 'timeline' }],
  ])('knows %s', (key, command) => expect(press(key)).toEqual(command));

  it.each(['7', '0', 'q', 'Enter', 'toString', ''])('leaves "%s" to the browser', (key) =>
    expect(press(key)).toBeNull(),
  );

  it('leaves keys with a modifier to the browser, and text to the field', () => {
    expect([press('r', true), press('j', false, true), press('1', false, true)]).toEqual([null, null, null]);
    expect(press('Escape', false, true)).toEqual({ do: 'close' });
  });

  it('explains every letter in the help', () => {
    const text = KEY_HELP.map(([keys]) => keys).join(' ');
    for (const key of ['j', 'k', 'g', 'G', '/', 'r', 'e', 'y', '?', 'Esc']) expect(text).toContain(key);
    expect(text).toContain(`1 – ${TABS.length}`);
  });
});
