import { describe, expect, it } from 'vitest';
import { appExpectations, readAppAppleId } from '../../../src/session/app.js';
import type { Setting, Source } from '../../../src/settings/setting.js';

const source: Source = { kind: 'environment', name: 'STOREWIRE_APP_APPLE_ID' };
const setting = (value: string) => ({ value, source });

describe('appExpectations', () => {
  it.each<[string, Setting<string>, Setting<string>, object]>([
    ['none', null, null, {}],
    [
      'a flag',
      { value: 'com.example.app', source: { kind: 'flag', name: '--bundle-id' } },
      null,
      { bundleId: 'com.example.app' },
    ],
    ['a variable', null, setting('12'), { appAppleId: '12', from: { appAppleId: 'STOREWIRE_APP_APPLE_ID' } }],
    [
      'a profile and a project file',
      { value: 'com.example.app', source: { kind: 'user file', name: '/home/me/config.json', profile: 'acme' } },
      { value: '12', source: { kind: 'project file', name: '/app/.storewire.json' } },
      {
        bundleId: 'com.example.app',
        appAppleId: '12',
        from: { bundleId: 'profile acme, user config', appAppleId: 'project file /app/.storewire.json' },
      },
    ],
  ])('%s', (_case, bundleId, appAppleId, expected) =>
    expect(appExpectations({ bundleId, appAppleId })).toEqual(expected),
  );
});

describe('readAppAppleId', () => {
  it.each([
    ['not set', null, null],
    ['set', setting('1234567890'), 1_234_567_890],
    ['the largest', setting('9007199254740991'), 9_007_199_254_740_991],
  ])('%s', (_case, appAppleId, expected) => expect(readAppAppleId({ appAppleId })).toBe(expected));

  it('refuses one that a double would change, and names its source', () => {
    expect(() => readAppAppleId({ appAppleId: setting('9007199254740993') })).toThrow(
      expect.objectContaining({
        code: 'ERR_SETTINGS_APP_APPLE_ID',
        message: expect.stringContaining('9007199254740993 (STOREWIRE_APP_APPLE_ID)'),
      }),
    );
  });
});
