import { type Mark, mark } from './mark.js';

const gateway = (name: string, fix: string, conditions: Parameters<typeof mark>[3]): Mark =>
  mark('gateway', name, fix, conditions);

/** Gateways and platforms that answer by themselves, because the app is not there, failed or has no such route. */
export const GATEWAYS: readonly Mark[] = [
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
  gateway(
    'Amazon API Gateway: the integration failed or its response has the wrong shape',
    'Look into its log in CloudWatch.',
    {
      statuses: [500, 502, 503, 504],
      headers: { 'apigw-requestid': /./ },
      body: /^\s*\{"message":\s?"(?:Internal Server Error|Service Unavailable|Gateway Timeout)"\}\s*$/,
    },
  ),
  gateway(
    'an AWS load balancer: no healthy target',
    'See that the app runs and passes the health check of its target group.',
    {
      statuses: [502, 503, 504],
      headers: { server: /^awselb\// },
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
  gateway('Supabase: no such function', 'Check the name in the path, and deploy it: supabase functions deploy NAME', {
    statuses: [404],
    body: /Requested function was not found/,
  }),
  gateway('Supabase: the function did not start or exceeded its limits', 'Look into its log: supabase functions logs', {
    body: /"code":\s?"(?:BOOT_ERROR|WORKER_LIMIT|WORKER_ERROR|WORKER_RESOURCE_LIMIT)"/,
  }),
  gateway('Kong: the service behind it is unreachable', 'See that the service runs, and the upstream of the route.', {
    statuses: [502, 503],
    body: /failure to get a peer from the ring-balancer|name resolution failed/,
  }),
  gateway('Envoy (Istio): no healthy instance of the app', 'See that the app runs, and the port of its service.', {
    statuses: [502, 503, 504],
    body: /^\s*(?:no healthy upstream|upstream connect error or disconnect)/,
  }),
  gateway('HAProxy: no server is available', 'See that the app runs and passes the health check of the backend.', {
    statuses: [502, 503, 504],
    body: /No server is available to handle this request|invalid or incomplete response/,
  }),
  gateway('Varnish (Fastly): the backend failed', 'See that the app runs, and the address of the backend.', {
    statuses: [500, 502, 503],
    body: /Guru Meditation|Fastly error: unknown domain/,
  }),
  gateway('Kubernetes ingress: no rule for this host and path', 'Add an ingress rule for the host and {path}.', {
    statuses: [404],
    body: /^\s*default backend - 404/,
  }),
  gateway('a proxy (Squid) could not reach the server', 'See that the server runs, and the address in the proxy.', {
    headers: { 'x-squid-error': /./ },
  }),
  gateway('Kong: no route matches', 'Add a route for POST {path}.', { body: /no Route matched with those values/ }),
  gateway(
    'Vercel: no such deployment or function',
    'Check the domain and the path; the function must export a POST handler.',
    {
      headers: { 'x-vercel-error': /^(?:DEPLOYMENT_NOT_FOUND|NOT_FOUND|DEPLOYMENT_DELETED|DEPLOYMENT_DISABLED)/ },
    },
  ),
  gateway('Vercel: the function takes no POST', 'Export a POST handler from the function.', {
    headers: { 'x-vercel-error': /^INVALID_REQUEST_METHOD/ },
  }),
  gateway('Vercel: the function failed', 'Look into its log: vercel logs', {
    headers: {
      'x-vercel-error': /^(?:FUNCTION_(?!PAYLOAD_TOO_LARGE)|EDGE_FUNCTION_|MIDDLEWARE_|NO_RESPONSE_FROM_FUNCTION)/,
    },
  }),
  gateway(
    'Vercel answers instead of the function (see its header x-vercel-error)',
    'Look up the code in the header x-vercel-error at vercel.com/docs/errors.',
    {
      headers: { 'x-vercel-error': /^(?!FUNCTION_PAYLOAD_TOO_LARGE)[A-Z]/ },
    },
  ),
  gateway(
    'Netlify: no such function or page',
    'Check the path (/.netlify/functions/NAME) and that the function is deployed.',
    {
      statuses: [404],
      headers: { server: /^Netlify/ },
      body: /<title>Page not found|^\s*Not Found - Request ID/i,
    },
  ),
  gateway(
    'Lambda (Netlify, AWS): the function failed or its response has the wrong shape',
    'Look into its log: netlify logs:function, or CloudWatch.',
    {
      statuses: [500, 502],
      body: /error decoding lambda response|"errorType":\s?"[^"]{1,100}","errorMessage"|"errorMessage":/,
    },
  ),
  gateway('Heroku: no such app', 'Check the domain of the app.', { body: /no-such-app\.html/ }),
  gateway('Heroku: the app is not running', 'Start it, and look into its log: heroku logs --tail', {
    body: /herokucdn\.com\/error-pages|herokuapp\.com\/error-pages/,
  }),
  gateway('Railway: no such app, or it is not running', 'Check the domain and whether the service is deployed.', {
    headers: { 'x-railway-fallback': /^true/ },
  }),
  gateway('Railway: the app does not answer', 'See that the app listens at 0.0.0.0 and the port in $PORT.', {
    statuses: [502],
    body: /"message":\s?"Application failed to respond"/,
  }),
  gateway('Fly: no instance of the app answers', 'See that the app listens at 0.0.0.0 and internal_port: fly logs', {
    statuses: [502, 503],
    headers: { 'fly-request-id': /./ },
    body: /^\s*$/,
  }),
  gateway('Replit: the app is not running', 'Start or deploy it.', {
    body: /Run this (?:app|Repl) to see the results here/,
  }),
  gateway('Render: the service is not running', 'Start the service, or check its domain.', {
    headers: { 'x-render-routing': /^(?:no-server|suspend|no-deploy|hibernate|.{0,60}-error)/ },
  }),
  gateway('Azure App Service: the app is stopped', 'Start the app.', {
    statuses: [403],
    body: /This web app (?:is stopped|has been stopped)/,
  }),
  gateway('Azure: no app has this host name', 'Check the host name, and that the app is deployed.', {
    statuses: [404],
    body: /404 Web Site not found/,
  }),
  gateway('Azure App Service: the app does not start', 'Look into its log: az webapp log tail', {
    statuses: [500, 502, 503],
    body: /<title>Application Error<\/title>.{0,4000}azure|:\( Application Error/is,
  }),
  gateway('Azure API Management: no such operation', 'Add an operation POST {path} to the API.', {
    statuses: [404],
    body: /"statusCode":\s?404,\s?"message":\s?"Resource not found"/,
  }),
  gateway(
    'Google Cloud: the ingress setting or the load balancer lets nothing from outside in',
    'Check the host and the path; on Cloud Run set the ingress to "all".',
    {
      statuses: [404],
      headers: { server: /^Google Frontend/ },
      body: /The requested URL was not found on this server/,
    },
  ),
  gateway('Google Cloud Run: no instance is available', 'Raise the maximum of instances, or lower the start-up time.', {
    statuses: [429, 500, 503],
    body: /no available instance|^\s*Rate exceeded\.\s*$/,
  }),
];
