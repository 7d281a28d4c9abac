import { type Mark, mark, possibleMark } from './mark.js';

const login = (name: string, fix: string | null, conditions: Parameters<typeof mark>[3]): Mark =>
  mark('login', name, fix, conditions);

/** Platforms and frameworks that ask for credentials. Texts are those their documentation or source gives. */
export const PLATFORM_LOGINS: readonly Mark[] = [
  login('Cloudflare Access', null, { headers: { 'www-authenticate': /^Cloudflare-Access/i } }),
  login('Cloudflare Access', null, { address: /^https:\/\/[^/]{1,253}\.cloudflareaccess\.com\// }),
  login(
    'Supabase: verify_jwt is on for this function',
    'Deploy it with supabase functions deploy NAME --no-verify-jwt, or set verify_jwt = false for it in config.toml.',
    {
      statuses: [401],
      body: /Missing authorization header|"(?:msg|message)":\s?"(?:Error: )?Invalid JWT"|UNAUTHORIZED_(?:NO_AUTH_HEADER|INVALID_JWT)/,
    },
  ),
  login(
    'an API gateway that wants an API key (Supabase REST, Kong)',
    'Send Apple to a route without the key: a Supabase Edge Function, or a Kong route without the key-auth plugin.',
    { body: /No API key found in request|No `apikey` request header/ },
  ),
  login(
    'Lambda function URL: its auth type is AWS_IAM',
    'Set the auth type of the function URL to NONE; the signature of the payload is the proof.',
    { statuses: [403], body: /"Message":\s?"Forbidden|lambda\/latest\/dg\/urls-auth/ },
  ),
  login(
    'Amazon API Gateway: an authoriser refuses the request',
    'Take the authoriser off the route {path}: Apple has no credentials to send.',
    {
      statuses: [401, 403],
      headers: {
        'x-amzn-errortype': /^(?:UnauthorizedException|AccessDeniedException|AuthorizerConfigurationException)/,
      },
    },
  ),
  login(
    'Amazon API Gateway: an API key, a resource policy or a firewall refuses the request',
    'Take the API key requirement off the route {path}, and check its resource policy and AWS WAF.',
    { statuses: [403], headers: { 'x-amzn-errortype': /^ForbiddenException/ } },
  ),
  login("an AWS load balancer's or Cognito's login", 'Take the authenticate action off the listener rule of {path}.', {
    address: /^https:\/\/[^/]{1,253}\.amazoncognito\.com\//,
  }),
  possibleMark(
    'login',
    'Amazon API Gateway: an authoriser',
    'Take the authoriser off the route {path}: Apple has no credentials to send.',
    {
      statuses: [401, 403],
      headers: { 'apigw-requestid': /./ },
      body: /^\s*\{"message":\s?"(?:Unauthorized|Forbidden)"\}\s*$/,
    },
  ),
  login('Azure API Management: it wants a subscription key', 'Switch "Subscription required" off for this API.', {
    body: /missing subscription key|invalid subscription key/,
  }),
  login('Azure API Management: its validate-jwt policy', 'Take the policy off the operation POST {path}.', {
    statuses: [401],
    body: /"message":\s?"Unauthorized\. Access token is missing or invalid\."/,
  }),
  possibleMark(
    'login',
    'Azure Functions: it wants a function key',
    'Set authLevel to anonymous for this function: Apple sends no x-functions-key.',
    { statuses: [401], headers: { 'request-context': /^appId=/ }, body: /^\s*$/ },
  ),
  login(
    'Azure App Service: its authentication is on',
    'Let unauthenticated requests to {path} through (excludedPaths).',
    {
      headers: { 'www-authenticate': /login\.(?:windows\.net|microsoftonline\.com)/ },
    },
  ),
  login(
    'Azure App Service: its authentication is on',
    'Let unauthenticated requests to {path} through (excludedPaths).',
    {
      statuses: [401, 403],
      body: /You do not have permission to view this directory or page/,
    },
  ),
  login(
    'Google Cloud (Functions, Run, Firebase): only authenticated callers may invoke it',
    'Allow unauthenticated invocations: give allUsers the role Cloud Run Invoker (or Cloud Functions Invoker).',
    {
      body: /Your client does not have permission to (?:get URL|the requested URL)|The request was not authenticated\. Either allow unauthenticated/,
    },
  ),
  login('Google Cloud Endpoints: it wants an API key', 'Allow unregistered calls for this method.', {
    body: /Method doesn't allow unregistered callers/,
  }),
  login("Google's Identity-Aware Proxy", null, { headers: { 'x-goog-iap-generated-response': /./ } }),
  login('Appwrite: the function may not be executed by everyone', 'Add "any" to the execute access of the function.', {
    statuses: [401, 403],
    body: /"type":\s?"(?:general_unauthorized_scope|user_unauthorized|user_jwt_invalid|general_access_forbidden|project_unknown)"|missing scope \(/,
  }),
  login(
    "Vercel's deployment protection",
    'Switch Vercel Authentication off for this deployment, or use its production domain.',
    {
      headers: { 'set-cookie': /_vercel_sso_nonce/ },
    },
  ),
  login(
    "Vercel's deployment protection",
    'Switch Vercel Authentication off for this deployment, or use its production domain.',
    {
      address: /^https:\/\/vercel\.com\/(?:sso|login)/,
    },
  ),
  login(
    "Vercel's deployment protection",
    'Switch the protection off for this deployment, or use its production domain.',
    {
      statuses: [401],
      headers: { server: /^Vercel/ },
      body: /vercel\.com\/sso-api|Vercel Authentication|_vercel_password|<title>Authentication [Rr]equired/,
    },
  ),
  login('Cloudflare Access', null, { statuses: [401, 403], body: /Cloudflare Access/ }),
  login('Envoy (Istio): an authorization policy', 'Allow POST {path} in the AuthorizationPolicy.', {
    statuses: [403],
    body: /^\s*RBAC: access denied/,
  }),
  login('Envoy (Istio): it wants a JWT', 'Exempt {path} from the RequestAuthentication and its policy.', {
    statuses: [401],
    body: /^\s*Jwt (?:is missing|verification fails|issuer is not configured)/,
  }),
  login("ngrok's OAuth or OIDC", 'Take oauth or oidc out of the traffic policy of the tunnel.', {
    address: /^https:\/\/idp\.ngrok\.com\//,
  }),
  login(
    'a dev tunnel that is private',
    'Make the port public: the visibility of a dev tunnel or codespace port is private by default.',
    {
      address:
        /^https:\/\/(?:tunnels\.api\.visualstudio\.com|[^/]{1,253}\.devtunnels\.ms|github\.dev|[^/]{1,253}\.github\.dev)\//,
    },
  ),
  login(
    'a dev tunnel that is private',
    'Make the port public: the visibility of a dev tunnel or codespace port is private by default.',
    {
      headers: { 'www-authenticate': /^tunnel\b/i },
    },
  ),
  login('Clerk', 'Take {path} out of the middleware that calls auth.protect().', {
    headers: { 'x-clerk-auth-status': /^signed-out/ },
  }),
  login(
    'Nest: a guard of the application',
    'Exempt {path} from the guard (a @Public() decorator that the guard honours).',
    {
      statuses: [403],
      body: /"message":\s?"Forbidden resource"/,
    },
  ),
  possibleMark('login', 'a login guard of the framework (Nest and others)', 'Exempt {path} from the guard.', {
    statuses: [401],
    body: /^\s*\{(?=[^}]{0,200}"statusCode":\s?401)(?=[^}]{0,200}"message":\s?"Unauthorized")[^}]{0,300}\}\s*$/,
  }),
  login(
    'Django REST framework: an authentication or permission class',
    'Set authentication_classes = [] and permission_classes = [AllowAny] on this view.',
    {
      statuses: [401, 403],
      body: /Authentication credentials were not provided|You do not have permission to perform this action/,
    },
  ),
  login('FastAPI: a security dependency', 'Take the security dependency (HTTPBearer, OAuth2) off the route {path}.', {
    statuses: [401, 403],
    body: /^\s*\{"detail":\s?"(?:Not authenticated|Could not validate credentials)"\}\s*$/,
  }),
  login('Laravel: the auth middleware', 'Take {path} out of the auth middleware.', {
    statuses: [401],
    body: /"message":\s?"Unauthenticated\."/,
  }),
  login('Devise', 'Skip authenticate_user! for this action.', {
    statuses: [401],
    body: /You need to sign in or sign up before continuing/,
  }),
  login('Symfony: its JWT firewall', 'Give {path} a firewall with security: false.', {
    statuses: [401],
    body: /JWT Token not found/,
  }),
  login('Spring Security', 'Permit {path} in the SecurityFilterChain: requestMatchers("{path}").permitAll().', {
    body: /Full authentication is required to access this resource/,
  }),
  possibleMark(
    'login',
    'Spring Security (login or CSRF filter)',
    'Permit {path} and exempt it from CSRF: requestMatchers("{path}").permitAll(), csrf.ignoringRequestMatchers("{path}").',
    { statuses: [401, 403], body: /"timestamp":[^}]{0,400}"error":\s?"(?:Unauthorized|Forbidden)"[^}]{0,400}"path":/ },
  ),
  login(
    'Strapi: the public role has no permission',
    'Allow the action for the Public role, or set auth: false on the route.',
    {
      statuses: [401, 403],
      body: /"name":\s?"(?:ForbiddenError|UnauthorizedError)","message":\s?"(?:Forbidden|Missing or invalid credentials)"/,
    },
  ),
  login('WordPress REST API: a permission callback', "Give the route 'permission_callback' => '__return_true'.", {
    statuses: [401, 403],
    body: /"code":\s?"rest_(?:forbidden|not_logged_in|cannot_access|login_required|cookie_invalid_nonce|authorization_required)"/,
  }),
  login(
    'Hasura: it wants the admin secret or a JWT',
    'Send Apple to a server of your own: Hasura takes no notification.',
    {
      body: /x-hasura-admin-secret\/x-hasura-access-key required|"path":\s?"\$"[^}]{0,300}"code":\s?"access-denied"/,
    },
  ),
  login('Directus: the public role has no permission', 'Give the public role access, or use a webhook flow.', {
    statuses: [401, 403],
    body: /"message":\s?"You don(?:'|\\u0027)t have permission to access this\."/,
  }),
  login('PocketBase: an authentication middleware', 'Take apis.RequireAuth() off the route {path}.', {
    statuses: [401, 403],
    body: /The request requires (?:valid )?(?:record|admin|superuser|admin or record)[^"]{0,60}token/i,
  }),
  possibleMark('login', 'Parse Server: it wants an application id', 'Serve {path} outside the mount path of Parse.', {
    statuses: [401, 403],
    body: /^\s*\{"error":\s?"unauthorized"\}\s*$/,
  }),
  possibleMark(
    'login',
    'Spring Security (login or CSRF filter)',
    'Permit {path} and exempt it from CSRF: requestMatchers("{path}").permitAll(), csrf.ignoringRequestMatchers("{path}").',
    {
      statuses: [401, 403],
      headers: { 'x-frame-options': /^DENY/i, 'cache-control': /no-cache, no-store, max-age=0, must-revalidate/ },
      body: /^\s*$/,
    },
  ),
];

/** Credentials asked for in general terms; after everything that has a name. */
export const GENERAL_LOGINS: readonly Mark[] = [
  login('mutual TLS', 'Require no client certificate at {path}: Apple presents none.', {
    body: /No required SSL certificate was sent|The SSL certificate error/,
  }),
  login('a password prompt (HTTP Basic)', null, {
    statuses: [401],
    headers: { 'www-authenticate': /^(?:Basic|Digest)\b/i },
  }),
  login('a bearer token check', null, { statuses: [401], headers: { 'www-authenticate': /^Bearer\b/i } }),
  login('a login', null, { statuses: [401], headers: { 'www-authenticate': /./ } }),
  login("a proxy's login", null, { statuses: [407, 511] }),
  login('oauth2-proxy', 'Exempt {path}: --skip-auth-route=POST=^{path}$', {
    address: /\/oauth2\/(?:start|sign_in)\b/,
  }),
  login('oauth2-proxy', 'Exempt {path}: --skip-auth-route=POST=^{path}$', {
    statuses: [401, 403],
    body: /action="[^"]{0,100}\/oauth2\/(?:start|sign_in)/,
  }),
  login('a login (OAuth, OpenID Connect)', null, {
    address:
      /[?&]response_type=(?:code|id_token|token)|\/openid-connect\/auth\b|\/oauth2?\/(?:v\d\/)?(?:authorize|auth)\b|\/adfs\/ls\b|\/outpost\.goauthentik\.io\/|\/\.pomerium\/|\/if\/flow\//,
  }),
  login('a login page', null, {
    address: /^https?:\/\/(?:login|sso|auth|accounts|signin|idp)\.|\/(?:log[-_]?in|sign[-_]?in|sso|saml|wp-login)\b/i,
  }),
  login('a login page', null, { body: /<input[^>]{1,300}type=["']?password/i }),
];
