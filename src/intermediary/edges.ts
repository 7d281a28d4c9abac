import { type Mark, mark } from './mark.js';

const gateway = (name: string, fix: string, conditions: Parameters<typeof mark>[3]): Mark =>
  mark('gateway', name, fix, conditions);

const tunnel = (name: string, fix: string, conditions: Parameters<typeof mark>[3]): Mark =>
  mark('tunnel', name, fix, conditions);

const ngrok = (code: string, what: string, fix: string): Mark =>
  tunnel(`${what} (ERR_NGROK_${code})`, fix, {
    headers: { 'ngrok-error-code': new RegExp(`^ERR_NGROK_${code}$`) },
  });

/** Cloudflare writes its code as `error code: 1033` for programs and into a page for browsers. */
const cloudflare = (code: number, what: string, fix: string): Mark =>
  tunnel(`${what} (${code})`, fix, {
    headers: { server: /^cloudflare/i },
    ...(code < 1000
      ? { statuses: [code] }
      : {
          body: new RegExp(
            `error code: ${code}\\b|cf-error-code">\\s{0,9}${code}\\b|Error</span>\\s{0,9}<span[^>]{0,99}>${code}\\b|Error ${code}\\b`,
          ),
        }),
  });

const START_APP = 'Start the app, and see that the tunnel leads to the port it listens at.';

const CLOUDFLARE_FIREWALL = 'Skip the rule for {path} and for 17.0.0.0/8, from where Apple sends.';

/** Tunnels, proxies and platforms that answer by themselves, because the app is not there or has no such route. */
export const EDGES: readonly Mark[] = [
  ngrok(
    '3200',
    'the ngrok tunnel is not running',
    'Start ngrok, and see whether its address has changed: then App Store Connect has the old one.',
  ),
  ngrok('8012', 'ngrok cannot reach the app', START_APP),
  ngrok(
    '3004',
    'ngrok got no valid HTTP response from the app',
    'See that the tunnel leads to the app, and whether it speaks HTTP or HTTPS there.',
  ),
  ngrok('6022', 'ngrok wants a verified account', 'Verify the account at ngrok, or use another tunnel.'),
  ngrok('727', "ngrok's bandwidth limit is reached", 'Use another account or tunnel.'),
  tunnel(
    'ngrok answers instead of the app',
    'Look up the code in the header ngrok-error-code at ngrok.com/docs/errors.',
    {
      headers: { 'ngrok-error-code': /^ERR_NGROK_(?!6024)\d+/ },
    },
  ),
  cloudflare(
    1033,
    'Cloudflare has no connection to the tunnel',
    'Start cloudflared, and see whether the address of a quick tunnel has changed.',
  ),
  cloudflare(1016, 'Cloudflare cannot resolve the origin', 'Correct the DNS record of the origin.'),
  cloudflare(1000, 'the DNS record leads back to Cloudflare', 'Point the record at the address of your server.'),
  cloudflare(1001, 'Cloudflare cannot resolve the host', 'Correct the DNS record.'),
  cloudflare(1003, 'Cloudflare refuses access by IP address', 'Use the host name.'),
  ...[1005, 1006, 1007, 1008, 1009, 1010, 1012, 1020].map((code) => ({
    ...cloudflare(code, "Cloudflare's firewall refuses the request", CLOUDFLARE_FIREWALL),
    kind: 'bot' as const,
  })),
  { ...cloudflare(1015, "Cloudflare's rate limit", 'Exempt {path} from the rate limiting rule.'), kind: 'bot' },
  cloudflare(1101, 'the Cloudflare Worker threw an exception', 'Look into its log: npx wrangler tail'),
  cloudflare(1102, 'the Cloudflare Worker exceeded its limits', 'Look into its log: npx wrangler tail'),
  cloudflare(520, 'the origin behind Cloudflare answered something unexpected', "Look into the server's log."),
  cloudflare(
    521,
    'the origin behind Cloudflare refuses connections',
    'Start the server, and let the addresses of Cloudflare through.',
  ),
  cloudflare(
    522,
    'the origin behind Cloudflare does not accept connections in time',
    'Start the server, and let the addresses of Cloudflare through.',
  ),
  cloudflare(523, 'the origin behind Cloudflare is unreachable', 'Correct the address of the origin.'),
  cloudflare(524, 'the origin behind Cloudflare does not answer in time', 'Answer first and work afterwards.'),
  cloudflare(
    525,
    'the TLS handshake between Cloudflare and the origin fails',
    'Serve TLS at the origin, or change the SSL mode at Cloudflare.',
  ),
  cloudflare(
    526,
    "the origin's certificate is not valid for Cloudflare",
    'Renew it, or use an origin certificate of Cloudflare.',
  ),
  cloudflare(
    530,
    'Cloudflare cannot reach the origin',
    'The page shows a second code (1xxx) that names the cause; with a tunnel, start cloudflared.',
  ),
  tunnel('cloudflared cannot reach the app', START_APP, { body: /Unable to reach the origin service/ }),
  tunnel('the localtunnel client is not connected', 'Start it again with the same subdomain.', {
    body: /no active client for|localtunnel.{0,80}(?:not found|unavailable)/i,
  }),
  tunnel(
    'no tunnel has this address (Pinggy, Serveo, localhost.run)',
    'Start the tunnel, and see whether its address has changed.',
    {
      statuses: [404, 502, 503],
      body: /(?:tunnel|endpoint) .{0,40}(?:not found|no longer|unavailable|offline|inactive)|no tunnel here/i,
    },
  ),
  gateway(
    'Amazon API Gateway: no route here (path or stage), or IAM authorisation',
    'Check the path with its stage (/prod{path}) and the method POST, and take IAM authorisation off the route.',
    { headers: { 'x-amzn-errortype': /^MissingAuthenticationTokenException/ } },
  ),
  gateway(
    'Amazon API Gateway: no route here (path or stage), or IAM authorisation',
    'Check the path with its stage (/prod{path}) and the method POST, and take IAM authorisation off the route.',
    { statuses: [403], body: /Missing Authentication Token/ },
  ),
  gateway('Amazon API Gateway: no such route', 'Check path, stage and method of the route.', {
    statuses: [404],
    headers: { 'apigw-requestid': /./ },
    body: /^\s*\{"message":\s?"Not Found"\}\s*$/,
  }),
  gateway(
    'Amazon API Gateway: the Lambda function failed or its response has the wrong shape',
    'Look into its log in CloudWatch.',
    {
      statuses: [500, 502, 503, 504],
      headers: {
        'x-amzn-errortype': /^(?:InternalServerErrorException|InternalFailure|ServiceUnavailable|GatewayTimeout)/,
      },
    },
  ),
  gateway('CloudFront: the distribution does not allow POST', 'Allow all methods in the cache behaviour of {path}.', {
    statuses: [403, 405],
    body: /not configured to allow the HTTP request method/,
  }),
  gateway('Amazon S3: it serves files and takes no POST', 'Point the URL at the server, not at the static site.', {
    statuses: [403, 405],
    headers: { server: /^AmazonS3/ },
  }),
  gateway('Kong: no route matches', 'Add a route for POST {path}.', { body: /no Route matched with those values/ }),
  gateway(
    'Vercel: no such deployment or function',
    'Check the domain and the path; the function must export a POST handler.',
    {
      headers: { 'x-vercel-error': /^(?:DEPLOYMENT_NOT_FOUND|NOT_FOUND|DEPLOYMENT_DELETED|DEPLOYMENT_DISABLED)/ },
    },
  ),
  gateway('Vercel: the function failed', 'Look into its log: vercel logs', {
    headers: { 'x-vercel-error': /^(?:FUNCTION_|EDGE_FUNCTION_)/ },
  }),
  gateway('Heroku: no such app', 'Check the domain of the app.', { body: /no-such-app\.html/ }),
  gateway('Heroku: the app is not running', 'Start it, and look into its log: heroku logs --tail', {
    body: /herokucdn\.com\/error-pages|herokuapp\.com\/error-pages/,
  }),
  gateway('Railway: no such app, or it is not running', 'Check the domain and whether the service is deployed.', {
    headers: { 'x-railway-fallback': /^true/ },
  }),
  gateway('Render: the service is not running', 'Start the service, or check its domain.', {
    headers: { 'x-render-routing': /^(?:no-server|suspend|no-deploy|dynamic-.{0,40}-error)/ },
  }),
  gateway('Azure App Service: the app is stopped', 'Start the app.', {
    statuses: [403],
    body: /This web app (?:is stopped|has been stopped)/,
  }),
];
