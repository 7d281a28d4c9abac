import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/jws/json.js';
import { checkNested } from '../../../src/notification/check-app.js';
import type { Kind } from '../../../src/notification/document.js';
import type { OpenedToken } from '../../../src/notification/open.js';

function token(kind: Kind, payload: JsonObject): OpenedToken {
  const sound = { text: '', header: {}, signature: null, formatDefect: null, payloadDefect: null };
  return { ...sound, path: '', slot: null, kind, payload };
}

const check = (inner: JsonObject, appData: JsonObject) =>
  checkNested(token('appTransaction', inner), token('notification', { notificationType: 'RESCIND_CONSENT', appData }));

describe('a nested token and the token around it', () => {
  it.each<[string, JsonObject, JsonObject, boolean | null]>([
    ['agree', { bundleId: 'a', appAppleId: 1 }, { bundleId: 'a', appAppleId: 1 }, true],
    ['say nothing', {}, {}, true],
    ['name other bundle ids', { bundleId: 'a' }, { bundleId: 'b' }, false],
    ['name other environments', { receiptType: 'Sandbox' }, { environment: 'Production' }, false],
    [
      'name other apps in Sandbox',
      { receiptType: 'Sandbox', appAppleId: 0 },
      { environment: 'Sandbox', appAppleId: 1 },
      null,
    ],
    [
      'name other apps in Production',
      { receiptType: 'Production', appAppleId: 0 },
      { environment: 'Production', appAppleId: 1 },
      false,
    ],
    [
      'name other apps, Production outside only',
      { appAppleId: 0 },
      { environment: 'Production', appAppleId: 1 },
      false,
    ],
  ])('%s', (_name, inner, around, ok) => {
    const finding = check(inner, around);
    expect(finding.ok).toBe(ok);
    expect(finding.reason).toBe(ok === false ? 'NESTED_MISMATCH' : undefined);
  });
});
