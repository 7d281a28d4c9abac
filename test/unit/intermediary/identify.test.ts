import { describe, expect, it } from 'vitest';
import {
  adviseOnIntermediary,
  asksForCredentials,
  identifyIntermediary,
  refusesEveryone,
} from '../../../src/intermediary/identify.js';
import type { ResponseEvidence } from '../../../src/intermediary/mark.js';

const URL_OF_ENDPOINT = 'http://127.0.0.1:3000/apple';

function response(status: number, body = '', headers: ResponseEvidence['headers'] = {}): ResponseEvidence {
  return { status, body, headers, visited: [URL_OF_ENDPOINT] };
}

const CLOUDFLARE = { server: 'cloudflare' };
const json = JSON.stringify;

describe('identifyIntermediary', () => {
  it.each<[string, string, ResponseEvidence]>([
    ['Supabase', 'login', response(401, json({ code: 401, message: 'Missing authorization header' }))],
    ['Supabase', 'login', response(401, json({ code: 401, message: 'Invalid JWT' }))],
    ['Kong', 'login', response(401, json({ message: 'No API key found in request' }))],
    [
      'no route here',
      'gateway',
      response(403, json({ message: 'Missing Authentication Token' }), {
        'x-amzn-errortype': 'MissingAuthenticationTokenException',
      }),
    ],
    ['no route here', 'gateway', response(403, json({ message: 'Missing Authentication Token' }))],
    [
      'an authoriser',
      'login',
      response(401, json({ message: 'Unauthorized' }), { 'x-amzn-errortype': 'UnauthorizedException' }),
    ],
    [
      'Lambda function URL',
      'login',
      response(403, json({ Message: 'Forbidden' }), { 'x-amzn-errortype': 'AccessDeniedException' }),
    ],
    [
      'Azure API Management',
      'login',
      response(401, json({ statusCode: 401, message: 'Access denied due to missing subscription key.' })),
    ],
    [
      'Google Cloud',
      'login',
      response(403, '<h2>Your client does not have permission to get URL <code>/f</code></h2>'),
    ],
    ['Appwrite', 'login', response(401, json({ code: 401, type: 'general_unauthorized_scope' }))],
    ['Nest', 'login', response(403, json({ statusCode: 403, message: 'Forbidden resource', error: 'Forbidden' }))],
    ['Django REST', 'login', response(401, json({ detail: 'Authentication credentials were not provided.' }))],
    ['FastAPI: a security', 'login', response(403, json({ detail: 'Not authenticated' }))],
    [
      'FastAPI: the model',
      'model',
      response(422, json({ detail: [{ type: 'missing', loc: ['body', 'signed_payload'] }] })),
    ],
    [
      'FastAPI: a required',
      'login',
      response(422, json({ detail: [{ type: 'missing', loc: ['header', 'x-token'] }] })),
    ],
    ['Laravel: the auth', 'login', response(401, json({ message: 'Unauthenticated.' }))],
    ["Laravel's CSRF", 'csrf', response(419, '<title>Page Expired</title>')],
    ["Rails' CSRF", 'csrf', response(422, '<h1>ActionController::InvalidAuthenticityToken</h1>')],
    ["Rails' host", 'host', response(403, '<h1>Blocked hosts: abc.ngrok.app</h1>')],
    ["Django's CSRF", 'csrf', response(403, '<h1>Forbidden</h1><p>CSRF verification failed. Request aborted.</p>')],
    ['a CSRF filter', 'csrf', response(403, 'ForbiddenError: invalid csrf token')],
    ["Vite's dev server", 'host', response(403, 'Blocked request. This host ("x.example") is not allowed.')],
    ['ERR_NGROK_3200', 'tunnel', response(404, '', { 'ngrok-error-code': 'ERR_NGROK_3200' })],
    ['ERR_NGROK_8012', 'tunnel', response(502, '', { 'ngrok-error-code': 'ERR_NGROK_8012' })],
    ['ngrok answers', 'tunnel', response(400, '', { 'ngrok-error-code': 'ERR_NGROK_9999' })],
    ["ngrok's warning page", 'bot', response(200, '', { 'ngrok-error-code': 'ERR_NGROK_6024' })],
    ['connection to the tunnel (1033)', 'tunnel', response(530, 'error code: 1033', CLOUDFLARE)],
    ['connection to the tunnel (1033)', 'tunnel', response(530, '<span class="cf-error-code">1033</span>', CLOUDFLARE)],
    ['firewall refuses the request (1020)', 'bot', response(403, 'error code: 1020', CLOUDFLARE)],
    ['(522)', 'tunnel', response(522, 'error code: 522', CLOUDFLARE)],
    ['(530)', 'tunnel', response(530, '', CLOUDFLARE)],
    ['cloudflared cannot reach', 'tunnel', response(502, 'Unable to reach the origin service.')],
    [
      'Heroku: no such app',
      'gateway',
      response(404, '<iframe src="//www.herokucdn.com/error-pages/no-such-app.html">'),
    ],
    ['Vercel: no such', 'gateway', response(404, '', { 'x-vercel-error': 'DEPLOYMENT_NOT_FOUND' })],
    ['no such function', 'gateway', response(404, json({ message: 'Requested function was not found' }))],
    ['did not start', 'gateway', response(503, json({ code: 'BOOT_ERROR', message: 'Function failed to start' }))],
    [
      'request validator',
      'model',
      response(400, json({ message: 'Invalid request body' }), { 'x-amzn-errortype': 'BadRequestException' }),
    ],
    [
      'the integration failed',
      'gateway',
      response(503, json({ message: 'Service Unavailable' }), { 'apigw-requestid': 'q=' }),
    ],
    ['no healthy target', 'gateway', response(502, '<h1>502 Bad Gateway</h1>', { server: 'awselb/2.0' })],
    ['Cognito', 'login', response(302, '', { location: 'https://shop.auth.eu-west-1.amazoncognito.com/login' })],
    ['validate-jwt', 'login', response(401, json({ message: 'Unauthorized. Access token is missing or invalid.' }))],
    ['no such operation', 'gateway', response(404, '{"statusCode":404,"message":"Resource not found"}')],
    ['no app has this host name', 'gateway', response(404, '<h1>404 Web Site not found.</h1>')],
    ['Application Gateway', 'bot', response(403, '<hr><center>Microsoft-Azure-Application-Gateway/v2</center>')],
    [
      'Google Cloud',
      'login',
      response(401, '<h2>Your client does not have permission to the requested URL <code>/f</code>.</h2>'),
    ],
    [
      'ingress setting',
      'gateway',
      response(404, '<h2>The requested URL was not found on this server.</h2>', { server: 'Google Frontend' }),
    ],
    ['Cloud Armor', 'bot', response(403, '<!doctype html><title>403</title>403 Forbidden', { via: '1.1 google' })],
    [
      'callable function',
      'model',
      response(400, json({ error: { message: 'Bad Request', status: 'INVALID_ARGUMENT' } })),
    ],
    [
      "Vercel's deployment protection",
      'login',
      response(401, '<a href="https://vercel.com/sso-api?url=q">', { server: 'Vercel' }),
    ],
    ['takes no POST', 'gateway', response(405, '', { 'x-vercel-error': 'INVALID_REQUEST_METHOD' })],
    ['header x-vercel-error', 'gateway', response(508, '', { 'x-vercel-error': 'INFINITE_LOOP_DETECTED' })],
    ['Netlify: no such', 'gateway', response(404, '<title>Page not found</title>', { server: 'Netlify' })],
    ['Lambda (Netlify', 'gateway', response(502, json({ errorType: 'Error', errorMessage: 'x is not defined' }))],
    ['Cloudflare Access', 'login', response(403, '<title>Forbidden ・ Cloudflare Access</title>', CLOUDFLARE)],
    ['Cloudflare answers', 'tunnel', response(403, 'error code: 1018', CLOUDFLARE)],
    ['no valid response from the origin', 'tunnel', response(504, 'error code: 504', CLOUDFLARE)],
    ['daily request limit', 'tunnel', response(429, '<title>Error 1027</title>', CLOUDFLARE)],
    ['Varnish', 'gateway', response(503, '<h3>Guru Meditation:</h3><p>XID: 7</p>')],
    ['HAProxy: no server', 'gateway', response(503, 'No server is available to handle this request.')],
    ['HAProxy', 'bot', response(403, 'Request forbidden by administrative rules.')],
    ['no healthy instance', 'gateway', response(503, 'no healthy upstream')],
    ['authorization policy', 'login', response(403, 'RBAC: access denied')],
    ['it wants a JWT', 'login', response(401, 'Jwt is missing', { 'www-authenticate': 'Bearer' })],
    ['Kubernetes ingress', 'gateway', response(404, 'default backend - 404')],
    ['Kong: the service', 'gateway', response(503, json({ message: 'name resolution failed' }))],
    ['Squid', 'gateway', response(503, '', { 'x-squid-error': 'ERR_CONNECT_FAIL 113' })],
    ['Railway: the app', 'gateway', response(502, json({ message: 'Application failed to respond' }))],
    ['Fly', 'gateway', response(502, '', { 'fly-request-id': '01J' })],
    ['Render', 'gateway', response(503, '', { 'x-render-routing': 'hibernate-wake-error' })],
    ['ngrok answers', 'tunnel', response(404, '<noscript>offline (ERR_NGROK_3200)</noscript>')],
    ["ngrok's OAuth", 'login', response(302, '', { location: 'https://idp.ngrok.com/oauth2?q=1' })],
    ['oauth2-proxy', 'login', response(302, '', { location: '/oauth2/start?rd=%2Fhooks' })],
    ['oauth2-proxy', 'login', response(403, '<form method="GET" action="/oauth2/sign_in">')],
    [
      'OpenID Connect',
      'login',
      response(302, '', { location: 'https://id.example.org/realms/a/protocol/openid-connect/auth' }),
    ],
    ['OAuth', 'login', response(303, '', { location: 'https://a.example.org/x?client_id=1&response_type=code' })],
    [
      'Hasura',
      'login',
      response(
        200,
        json({ errors: [{ message: 'x-hasura-admin-secret/x-hasura-access-key required, but not found' }] }),
      ),
    ],
    ['Directus', 'login', response(403, json({ errors: [{ message: "You don't have permission to access this." }] }))],
    ['PocketBase', 'login', response(403, json({ message: 'The request requires valid record authorization token.' }))],
    ['WordPress', 'login', response(403, json({ code: 'rest_cookie_invalid_nonce', message: 'Cookie check failed' }))],
    ['GraphQL', 'model', response(400, json({ errors: [{ message: 'Must provide query string.' }] }))],
    ["Nest's Validation", 'model', response(400, json({ message: ['property signedPayload should not exist'] }))],
    ["Nest's Validation", 'model', response(400, json({ message: ['jws must be a string'], statusCode: 400 }))],
    [
      'Fastify: the schema',
      'model',
      response(400, json({ code: 'FST_ERR_VALIDATION', message: "body must have required property 'jws'" })),
    ],
    ['Laravel: a form request', 'model', response(422, json({ errors: { jws: ['The jws field is required.'] } }))],
    ['a serializer', 'model', response(400, json({ signed_payload: ['This field is required.'] }))],
    ['strong parameters', 'model', response(400, 'param is missing or the value is empty: notification')],
    [
      'ASP.NET: the model',
      'model',
      response(
        400,
        json({ title: 'One or more validation errors occurred.', errors: { Jws: ['The Jws field is required.'] } }),
      ),
    ],
    ['APPEND_SLASH', 'gateway', response(500, "the URL doesn't end in a slash and you have APPEND_SLASH set.")],
    ['HTTP Basic', 'login', response(401, '', { 'www-authenticate': 'Basic realm="x"' })],
    ['bearer token', 'login', response(401, '', { 'www-authenticate': 'Bearer' })],
    ['AWS WAF', 'bot', response(202, '', { 'x-amzn-waf-action': 'challenge' })],
    ['a dev tunnel', 'login', response(302, '', { location: 'https://tunnels.api.visualstudio.com/auth/x' })],
    [
      'Cloudflare Access',
      'login',
      response(302, '', { location: 'https://team.cloudflareaccess.com/cdn-cgi/access/login' }),
    ],
  ])('%s', (name, kind, evidence) => {
    const found = identifyIntermediary(evidence);
    expect(found).toMatchObject({ kind, isCertain: true });
    expect(found!.name).toContain(name);
  });

  it.each([
    ['Nest', response(401, json({ statusCode: 401, message: 'Unauthorized' }))],
    ['Spring', response(403, json({ timestamp: '2026-11-29', status: 403, error: 'Forbidden', path: '/apple' }))],
    ['API Gateway', response(401, json({ message: 'Unauthorized' }), { 'apigw-requestid': 'x=' })],
    ['function key', response(401, '', { 'request-context': 'appId=cid-v1:q' })],
    ['Parse', response(403, json({ error: 'unauthorized' }))],
    ["Rails' CSRF", response(422, json({ status: 422, error: 'Unprocessable Content' }))],
    ['ALLOWED_HOSTS', response(400, '<title>Bad Request (400)</title>')],
    [
      'Spring',
      response(403, '', {
        'x-frame-options': 'DENY',
        'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
      }),
    ],
    ['finds no signedPayload', response(400, json({ error: 'signedPayload is missing' }))],
    ['finds no signedPayload', response(400, json({ signedPayload: ['This field is required.'] }))],
    ['finds no signedPayload', response(422, json({ message: 'Missing signed_payload' }))],
  ])('%s is a possibility only, since a handler may answer the same', (name, evidence) => {
    const found = identifyIntermediary(evidence);
    expect(found).toMatchObject({ isCertain: false });
    expect(found!.name).toContain(name);
  });

  it.each([
    ['a handler that refuses with 400', response(400, json({ error: 'signedPayload: the signature does not match' }))],
    ['a handler that refuses with 401', response(401, json({ error: 'INVALID_SIGNATURE' }))],
    ['a handler that refuses with 403', response(403, 'forbidden')],
    [
      'a DTO that refuses the token in signedPayload',
      response(400, json({ message: ['signedPayload must be a jwt string'] })),
    ],
    [
      'a schema that refuses the token',
      response(400, json({ code: 'FST_ERR_VALIDATION', message: 'body/signedPayload must match pattern' })),
    ],
    [
      'a handler that names a missing or invalid token',
      response(400, json({ error: 'signedPayload missing or invalid' })),
    ],
    ['a 404 of a handler at Netlify', response(404, json({ error: 'no such app' }), { server: 'Netlify' })],
    ['an empty 200', response(200)],
    ['a handler behind Cloudflare', response(400, json({ error: 'bad signature' }), CLOUDFLARE)],
    ['a handler behind API Gateway', response(400, json({ error: 'bad signature' }), { 'apigw-requestid': 'x=' })],
    ['an endpoint under /login', { ...response(400), visited: ['http://127.0.0.1/login/apple'] }],
  ])('%s is no intermediary', (_case, evidence) => expect(identifyIntermediary(evidence)).toBeNull());
});

describe('refusesEveryone', () => {
  const refusal = response(401, '{"error":"no","requestId":"4f1c6f7e0a9b"}');
  const other = response(401, '{"error":"no","requestId":"0a9b4f1c6f7e"}');
  it.each([
    ['the same to GET and an empty POST', { get: other, emptyPost: other }, 'all'],
    ['the same to an empty POST', { get: response(405), emptyPost: other }, 'post'],
    ['another body to an empty POST', { get: other, emptyPost: response(401, '{"error":"empty"}') }, null],
    ['no response to an empty POST', { get: other, emptyPost: null }, null],
  ] as const)('%s', (_case, rest, expected) => {
    expect(refusesEveryone({ notification: refusal, ...rest }, false)).toBe(expected);
  });

  it.each([400, 422])('%i counts where the response is a possible mark', (status) => {
    const same = response(status, 'x');
    expect(refusesEveryone({ notification: same, emptyPost: same, get: same }, true)).toBe('all');
  });

  it.each([400, 422, 404, 500])('%i is no refusal of a guard', (status) => {
    const same = response(status, 'x');
    expect(refusesEveryone({ notification: same, emptyPost: same, get: same }, false)).toBeNull();
  });
});

describe('asksForCredentials', () => {
  it.each([
    ['{"error":"No token"}', true],
    ['Invalid API key', true],
    ['You must log in.', true],
    ['Unauthorized', false],
    ['', false],
    ['{"error":"token signature invalid"}', false],
    ['signedPayload could not be verified', false],
  ])('%j: %s', (body, expected) => expect(asksForCredentials({ body })).toBe(expected));
});

describe('adviseOnIntermediary', () => {
  const guard = { kind: 'csrf', fix: "except: ['{path}']" } as const;
  it('names the path of a local URL', () => {
    expect(adviseOnIntermediary(guard, new URL(URL_OF_ENDPOINT))).toBe("except: ['/apple']");
  });
  it('keeps the path of a public one', () => {
    const shown = adviseOnIntermediary({ kind: 'login', fix: null }, new URL('https://example.com/s3cret'));
    expect(shown).not.toContain('s3cret');
    expect(shown).toContain('the path of the endpoint');
  });
});
