import { DNS_TITLES } from '../../../endpoint-check/dns.js';
import { HTTP_TITLES } from '../../../endpoint-check/http/titles.js';
import { TLS_TITLES } from '../../../endpoint-check/tls/titles.js';
import { URL_RULES } from '../../../endpoint-check/url.js';

type StepId =
  | keyof typeof TLS_TITLES
  | keyof typeof HTTP_TITLES
  | keyof typeof DNS_TITLES
  | `url.${keyof typeof URL_RULES}`
  | keyof typeof OTHER_TITLES;

/** Titles of the steps whose group has no table of them. */
const OTHER_TITLES = {
  'settings.bundle-id': 'bundle id',
  'settings.server-key': 'In-App Purchase key',
  'settings.connect-key': 'App Store Connect key',
  'settings.clock': 'clock of this machine',
  'url.url': 'address',
  'url.environments': 'one URL per environment',
  'app-store-connect.app': 'app in App Store Connect',
  'app-store-connect.sandbox': 'sandbox URL',
  'app-store-connect.sandbox-version': 'sandbox version',
  'app-store-connect.production': 'production URL',
  'app-store-connect.production-version': 'production version',
  'test.request': 'TEST notification',
  'test.sandbox': 'sandbox TEST',
  'test.production': 'production TEST',
} as const;

const URL_TITLES = Object.fromEntries(Object.entries(URL_RULES).map(([rule, { title }]) => [`url.${rule}`, title]));

/** Title of every step of `check`, by its id. */
export const STEP_TITLES = {
  ...OTHER_TITLES,
  ...URL_TITLES,
  ...DNS_TITLES,
  ...TLS_TITLES,
  ...HTTP_TITLES,
} as Readonly<Record<StepId, string>>;

/** Every step of `check`, by group: what it looks at, and why it matters to Apple's deliveries. */
export const STEP_MEANINGS: Readonly<Record<StepId, string>> = {
  'settings.bundle-id': "Is the bundle id of the app set? Apple's APIs need it.",
  'settings.server-key': 'Is a key for the App Store Server API set and readable? It requests TEST notifications.',
  'settings.connect-key': 'Is a key for the App Store Connect API set and readable? It shows the URLs set there.',
  'settings.clock': "Does the clock agree with Apple's to 5 seconds? Apple rejects tokens issued in its future.",
  'url.url': 'Is there a full URL to check?',
  'url.https': 'Is the scheme https? App Store Connect accepts no other.',
  'url.port': 'Is the port 443, or 1024 and above?',
  'url.host': 'Is the host a public name? Apple cannot reach a local or private one.',
  'url.credentials': 'Is the URL without a user name and password?',
  'url.fragment': 'Is the URL without a fragment (#…)? It is never sent.',
  'url.query': 'Is the URL without a query?',
  'url.environments': 'Is a URL set for production? The sandbox uses it too if it has none of its own.',
  'dns.address': 'Does the host name resolve in public DNS?',
  'dns.alias': 'Does a CNAME end in a name with an address?',
  'dns.ipv4': 'Is there an A record? AAAA alone may not be enough.',
  'dns.reach': 'Are all addresses public?',
  'tls.connect': 'Does every address accept a TCP connection?',
  'tls.handshake': 'Does the server answer with TLS?',
  'tls.client-certificate': 'Does the server work without a client certificate? Apple sends none.',
  'tls.version': 'Is TLS 1.2 or newer offered? Apple requires it.',
  'tls.alpn': 'Is HTTP/1.1 offered? HTTP/2 is optional.',
  'tls.self-signed': 'Was the certificate issued by a public CA?',
  'tls.chain': 'Does the server send every intermediate certificate, up to a public CA?',
  'tls.hostname': 'Is the certificate valid for the host name?',
  'tls.expiry': 'Are all certificates within their validity?',
  'tls.key': 'Are keys and signatures of the certificates of a current kind?',
  'tls.sni': 'Does the certificate depend on the server name (SNI)? For information only.',
  'http.answer': 'Does the endpoint respond to a POST at all?',
  'http.version': 'Does it respond in HTTP/1.1?',
  'http.wall': 'Does the handler itself respond, and not a login page, firewall or tunnel before it?',
  'http.redirect': 'Does it respond without a redirect?',
  'http.size': 'Does it accept a body of the size of a real notification, 18.8 KB?',
  'http.charset': 'Is the charset of the response one that exists?',
  'http.status': 'Does it reject a notification that Apple did not sign?',
  'http.time': 'Does it respond fast enough?',
  'http.get': 'Does it respond to GET and to an empty POST without a server error?',
  'app-store-connect.app': 'Does the key have access to the app with this bundle id?',
  'app-store-connect.sandbox': 'Is the URL under test the sandbox URL in App Store Connect?',
  'app-store-connect.sandbox-version': 'Is the sandbox URL set to version 2?',
  'app-store-connect.production': 'Is the URL under test the production URL in App Store Connect?',
  'app-store-connect.production-version': 'Is the production URL set to version 2?',
  'test.request': 'Can a TEST notification be requested from Apple?',
  'test.sandbox': 'Did Apple deliver a sandbox TEST notification to the URL set there?',
  'test.production': 'Did Apple deliver a production TEST notification to the URL set there?',
};
