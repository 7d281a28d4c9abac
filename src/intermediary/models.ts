import { type Mark, mark, possibleMark } from './mark.js';

const model = (name: string, fix: string, conditions: Parameters<typeof mark>[3]): Mark =>
  mark('model', name, fix, conditions);

/** Validators that refuse the shape of the body before a handler sees it. */
export const MODELS: readonly Mark[] = [
  model(
    'Amazon API Gateway: its request validator',
    'Take the request validator or model off the method POST of {path}.',
    { statuses: [400], headers: { 'x-amzn-errortype': /^BadRequestException/ } },
  ),
  model(
    "Nest's ValidationPipe: the DTO has other fields than signedPayload",
    'Declare signedPayload in the DTO of the body (@IsString() signedPayload: string).',
    {
      statuses: [400, 422],
      body: /"message":\s?\["property signedPayload should not exist"|"message":\s?\[(?![^\]]{0,2000}signedPayload)"[^\]]{0,2000}(?:must be|should not be empty|should not exist)/,
    },
  ),
  model(
    'Fastify: the schema of the body has other fields than signedPayload',
    'Declare signedPayload in the schema of the body.',
    { statuses: [400], body: /"code":\s?"FST_ERR_VALIDATION"(?![^}]{0,2000}signedPayload)/ },
  ),
  model('Laravel: a form request that wants other fields than signedPayload', 'Validate signedPayload only.', {
    statuses: [422],
    body: /"errors":\s?\{(?!"signedPayload")"[^"]{1,100}":\s?\["The [^"]{1,200} (?:field )?is required/,
  }),
  model(
    'Django REST framework: a serializer with other fields than signedPayload',
    'Name the field signedPayload in the serializer.',
    { statuses: [400], body: /"(?!signedPayload")\w{1,100}":\s?\["This field is required\."\]/ },
  ),
  model('Rails: strong parameters want another key', 'Read params[:signedPayload] without require.', {
    statuses: [400],
    body: /param is missing or the value is empty/,
  }),
  model(
    'ASP.NET: the model of the body has other required fields than signedPayload',
    'Name the property SignedPayload, and take required off the others.',
    {
      statuses: [400],
      body: /One or more validation errors occurred(?![\s\S]{0,2000}"(?:\$\.)?[sS]ignedPayload")[\s\S]{0,2000}field is required/,
    },
  ),
  model('Firebase: a callable function (onCall)', 'Write it with onRequest: Apple sends no {"data": …}.', {
    statuses: [400],
    body: /^\s*\{"error":\s?\{(?=[^}]{0,200}"message":\s?"Bad Request")(?=[^}]{0,200}"status":\s?"INVALID_ARGUMENT")/,
  }),
  model('a GraphQL server', 'Serve notifications at a path of their own: Apple sends no query.', {
    statuses: [400, 422, 500],
    body: /must contain a non-empty `query`|Must provide (?:a )?query string|POST body missing, invalid Content-Type|key \\"query\\" not found/,
  }),
  model(
    'FastAPI: the model of the body has other fields than signedPayload',
    'Name the field signedPayload (in Pydantic: signed_payload: str = Field(alias="signedPayload")).',
    { statuses: [422], body: /"loc":\s?\["body"/ },
  ),
  mark(
    'login',
    'FastAPI: a required header or query parameter',
    'Take the parameter off the route {path}: Apple sends the body alone.',
    {
      statuses: [422],
      body: /"loc":\s?\["(?:header|query|cookie)"/,
    },
  ),
  possibleMark(
    'model',
    'something that finds no signedPayload in the body (a body that is not parsed, or another name of the field)',
    'See that the body is parsed as JSON before the handler (Express: express.json()) and that the field is called signedPayload.',
    {
      statuses: [400, 422],
      body: /^(?![\s\S]{0,500}(?:valid|signature|verif|token))[\s\S]{0,500}(?:signed_?payload\b[^,;]{0,40}\b(?:missing|required|undefined|null|not found|absent)|\b(?:missing|no|without|required?)\b[^,;]{0,20}\bsigned_?payload)/i,
    },
  ),
];
