import { describe, expect, it } from 'vitest';
import { identifyIntermediary } from '../../../src/intermediary/identify.js';
import type { ResponseEvidence } from '../../../src/intermediary/mark.js';

const URL_GIVEN = 'https://example.com/login/apple';
const NOTHING: ResponseEvidence = { status: 403, headers: {}, body: '', visited: [URL_GIVEN] };

describe('firewalls, challenges and logins in front of an endpoint', () => {
  it.each<[string, Partial<ResponseEvidence>]>([
    ["Cloudflare's challenge", { headers: { 'cf-mitigated': 'challenge' } }],
    ["Cloudflare's challenge", { body: '<html><title>Just a moment...</title>' }],
    ["Cloudflare's challenge", { body: '<script src="/cdn-cgi/challenge-platform/h/b/x.js">' }],
    ["Cloudflare's firewall", { body: '<title>Attention Required! | Cloudflare</title>' }],
    ['Cloudflare Access', { status: 401, headers: { 'www-authenticate': 'Cloudflare-Access resource_metadata="x"' } }],
    ['Cloudflare Access', { status: 200, visited: [URL_GIVEN, 'https://team.cloudflareaccess.com/cdn-cgi/access/x'] }],
    ['AWS WAF', { status: 202, headers: { 'x-amzn-waf-action': 'challenge' } }],
    ['a firewall at an AWS load balancer', { headers: { server: 'awselb/2.0' } }],
    ['Akamai', { headers: { server: 'AkamaiGHost' }, body: '<TITLE>Access Denied</TITLE>' }],
    ['Imperva', { body: '<iframe src="/_Incapsula_Resource?x">' }],
    ['DataDome', { body: '{"url":"https://geo.captcha-delivery.com/captcha/?x"}' }],
    ['HUMAN (PerimeterX)', { body: 'window._pxAppId = "x"' }],
    ["Vercel's firewall", { headers: { 'x-vercel-mitigated': 'challenge' } }],
    ["Vercel's deployment protection", { status: 401, headers: { 'set-cookie': ['a=b', '_vercel_sso_nonce=x'] } }],
    ['Sucuri', { body: '<title>Sucuri WebSite Firewall - Access Denied</title>' }],
    ['mutual TLS', { status: 400, body: '<center>No required SSL certificate was sent</center>' }],
    ['a password prompt (HTTP Basic)', { status: 401, headers: { 'www-authenticate': 'Basic realm="staging"' } }],
    ['a bearer token check', { status: 401, headers: { 'www-authenticate': 'Bearer' } }],
    ['a login', { status: 401, headers: { 'www-authenticate': 'Negotiate' } }],
    ["a proxy's login", { status: 407 }],
    ['a login page', { status: 302, headers: { location: '/users/sign_in' }, visited: ['https://example.com/a'] }],
    ['a login page', { status: 302, headers: { location: '/login?next=/a' }, visited: ['https://example.com/a'] }],
    ['a login page', { status: 200, body: '<html><form><input name="p" type="password">' }],
    ['a captcha', { status: 200, body: '<div class="g-recaptcha" data-sitekey="x">' }],
  ])('%s: %o', (name, seen) => {
    const evidence = { ...NOTHING, ...seen };
    expect(identifyIntermediary(evidence)?.name).toBe(name);
  });

  it.each<[string, Partial<ResponseEvidence>]>([
    ['a bare 403', {}],
    ['a bare 401', { status: 401 }],
    [
      'a refusal behind Cloudflare',
      { headers: { server: 'cloudflare', 'cf-ray': 'x' }, body: '{"error":"signature"}' },
    ],
    ['a refusal behind DataDome', { headers: { 'x-datadome': 'protected' }, body: '{}' }],
    ['a 200 behind an AWS load balancer', { status: 200, headers: { server: 'awselb/2.0' } }],
    ['a refusal behind Akamai', { headers: { server: 'AkamaiGHost' }, body: '{}' }],
    ['a refusal behind Imperva', { headers: { 'x-iinfo': '1', 'x-cdn': 'Imperva' } }],
    ['an endpoint whose own path is under /login', { status: 400 }],
  ])('nothing: %s', (_case, seen) => expect(identifyIntermediary({ ...NOTHING, ...seen })).toBeNull());
});
