import { expect, it } from 'vitest';
import { definedFlags } from '../../../src/session/settings-flags.js';

it('keeps the flags that name a setting and were given', () => {
  const options = { profile: 'team', bundleId: undefined, root: ['a.pem'], json: true, timeout: 5 };
  expect(definedFlags(options)).toEqual({ profile: 'team', root: ['a.pem'] });
  expect(Object.keys(definedFlags(options))).toEqual(['profile', 'root']);
});

it('keeps an empty text, so that the settings can refuse it', () => {
  expect(definedFlags({ bundleId: '' })).toEqual({ bundleId: '' });
});
