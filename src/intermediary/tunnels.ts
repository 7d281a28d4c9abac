import { type Mark, mark } from './mark.js';

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

/** Tunnels and edges that answer by themselves, because the app behind them is not there. */
export const TUNNELS: readonly Mark[] = [
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
  tunnel(
    'ngrok answers instead of the app',
    'Start ngrok and the app, and see whether the address of the tunnel has changed.',
    { statuses: [404, 502, 503], body: /ERR_NGROK_\d+/ },
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
  cloudflare(
    1027,
    "the Worker's daily request limit is reached",
    'Raise the plan of Cloudflare Workers, or wait a day.',
  ),
  tunnel(
    'Cloudflare got no valid response from the origin',
    'Look into the log of the server, and see whether it runs.',
    {
      statuses: [502, 503, 504],
      headers: { server: /^cloudflare/i },
      body: /^\s*error code: 50[234]\b/,
    },
  ),
  tunnel(
    'Cloudflare answers instead of the server',
    'Look up the code of its page under Cloudflare 1xxx errors, and correct the DNS record, zone or Worker.',
    { headers: { server: /^cloudflare/i }, body: /^\s*error code: 1\d{3}\b|"cloudflare_error":\s?true/ },
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
];
