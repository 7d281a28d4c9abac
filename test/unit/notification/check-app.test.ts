import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/jws/json.js';
import { checkApp, checkNested } from '../../../src/notification/check-app.js';
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

describe('containers that no library of Apple knows', () => {
  const expected = { bundleId: 'com.example.app', environment: 'Sandbox' } as const;
  const right = { bundleId: 'com.example.app', environment: 'Sandbox' };
  const other = { bundleId: 'com.example.other', environment: 'Sandbox' };
  const bundleId = (payload: JsonObject) =>
    Object.fromEntries(checkApp(token('notification', { notificationType: 'NEW', ...payload }), expected))[
      'app.bundleId'
    ];

  it.each<[string, JsonObject]>([
    ['two with the app', { one: right, two: right }],
    ['one with the app before one with another', { one: right, two: other }],
    ['one with another app before one with the app', { one: other, two: right }],
    ['one with the app and one with an environment only', { one: right, two: { environment: 'Production' } }],
    ['a documented one that the libraries do not know, and another', { unclaimInfo: right, two: other }],
  ])('%s: undetermined', (_name, payload) => {
    expect(bundleId(payload)).toMatchObject({ ok: false, reason: 'AMBIGUOUS_APP' });
  });

  it.each<[string, JsonObject, boolean]>([
    ['one with the app', { one: right }, true],
    ['one with the app beside one that names none', { one: right, two: { note: 'x' } }, true],
    ['one with another app', { one: other }, false],
  ])('%s: judged, and the detail says what Apple does', (_name, payload, ok) => {
    expect(bundleId(payload)).toMatchObject({ ok });
    expect(bundleId(payload)?.detail).toContain(
      "the app is named in one, which Apple's libraries do not know: they report INVALID_APP_IDENTIFIER",
    );
  });

  it('says so too where no app is expected', () => {
    const [first] = checkApp(token('notification', { one: right }), {});
    expect(first?.[1].detail).toMatch(/^App not checked: add --bundle-id; the app is named in one, /);
  });

  it.each(['data', 'summary', 'externalPurchaseToken', 'appData'])('do not count beside %s', (container) => {
    const payload = { one: other, [container]: right, two: other };
    expect(bundleId(payload)).toEqual({ ok: true, found: 'com.example.app' });
  });
});
