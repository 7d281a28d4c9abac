import { type Mark, mark, possibleMark } from './mark.js';

const csrf = (name: string, fix: string, conditions: Parameters<typeof mark>[3]): Mark =>
  mark('csrf', name, fix, conditions);

const host = (name: string, fix: string, conditions: Parameters<typeof mark>[3]): Mark =>
  mark('host', name, fix, conditions);

/** Filters of frameworks and development servers that refuse a POST before a handler sees it. */
export const FRAMEWORK_FILTERS: readonly Mark[] = [
  csrf(
    "Laravel's CSRF filter",
    "Take the route out of it: validateCsrfTokens(except: ['{path}']) in bootstrap/app.php, or put the route into routes/api.php.",
    { statuses: [419] },
  ),
  csrf(
    "Rails' CSRF filter",
    'Add skip_forgery_protection (or skip_before_action :verify_authenticity_token) to this controller.',
    {
      statuses: [400, 403, 422],
      body: /InvalidAuthenticityToken|InvalidCrossOriginRequest|Can't verify CSRF token|The change you wanted was rejected/,
    },
  ),
  possibleMark(
    'csrf',
    "Rails' CSRF filter, answering in JSON",
    'Add skip_forgery_protection (or skip_before_action :verify_authenticity_token) to this controller.',
    { statuses: [422], body: /^\s*\{"status":\s?422,\s?"error":\s?"Unprocessable (?:Entity|Content)"\}\s*$/ },
  ),
  csrf("Django's CSRF filter", 'Decorate the view with @csrf_exempt.', {
    statuses: [403],
    body: /CSRF verification failed|CSRF (?:Failed|token missing|cookie not set)/,
  }),
  csrf("Flask-WTF's CSRF filter", 'Exempt the view: csrf.exempt(view).', {
    statuses: [400, 403],
    body: /The CSRF token is (?:missing|invalid)|The CSRF session token is missing/,
  }),
  csrf("Phoenix's CSRF filter", 'Route {path} through the :api pipeline, without protect_from_forgery.', {
    body: /Plug\.CSRFProtection|invalid CSRF \(Cross Site Request Forgery\) token/,
  }),
  csrf("ASP.NET's antiforgery filter", 'Add DisableAntiforgery() or [IgnoreAntiforgeryToken] to the endpoint.', {
    statuses: [400],
    body: /antiforgery (?:token|cookie)/i,
  }),
  csrf(
    'the origin check of SvelteKit or Astro',
    'Set csrf.trustedOrigins or checkOrigin, or send the request to a server route of its own.',
    {
      statuses: [403],
      body: /Cross-site \w{3,7} form submissions are forbidden/,
    },
  ),
  csrf('a CSRF filter', 'Exempt {path} from it: Apple sends no CSRF token.', {
    statuses: [400, 403, 422],
    body: /(?:invalid|missing|bad) csrf|csrf[- _]?token (?:is )?(?:invalid|missing|mismatch|not found|required)|XSRF/i,
  }),
  host("Rails' host authorisation", 'Add the host to config.hosts.', { statuses: [403], body: /Blocked hosts?:/ }),
  host("Vite's dev server: the host is not allowed", 'Add the host to server.allowedHosts in the Vite configuration.', {
    statuses: [403],
    body: /Blocked request\. This host|server\.allowedHosts/,
  }),
  host("webpack's dev server: the host is not allowed", 'Add the host to devServer.allowedHosts.', {
    body: /^\s*Invalid Host(?:\/Origin)? header\s*$/i,
  }),
  host('Django: the host is not in ALLOWED_HOSTS', 'Add the host to ALLOWED_HOSTS.', {
    statuses: [400],
    body: /Invalid HTTP_HOST header|DisallowedHost/,
  }),
  possibleMark(
    'host',
    'Django: the host is not in ALLOWED_HOSTS, or another suspicious operation',
    'Add the host to ALLOWED_HOSTS, and look into the log of Django.',
    { statuses: [400], body: /<title>Bad Request \(400\)<\/title>/ },
  ),
  mark(
    'gateway',
    'Django: the URL has no slash at its end (APPEND_SLASH)',
    'Set the URL with the slash in App Store Connect, or take the slash out of the route.',
    { statuses: [500], body: /doesn(?:'|&#x27;|&#39;)t end in a slash and you have APPEND_SLASH set/ },
  ),
];
