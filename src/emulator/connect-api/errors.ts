import { type EmulatorResponse, jsonResponse } from '../http.js';

/** Error object of the App Store Connect API. Source: docs, "Interpreting and Handling Errors". */
export interface ConnectError {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly source?: { readonly pointer: string } | { readonly parameter: string };
}

/** Error response with one error; `id` is the request id. */
export function connectError(
  error: ConnectError,
  id: string,
  extra: Pick<EmulatorResponse, 'cause' | 'headers'> = {},
): EmulatorResponse {
  const { status, code, title, detail, source } = error;
  const errors = [{ id, status: String(status), code, title, detail, ...(source && { source }) }];
  return jsonResponse(status, { errors }, { ...extra, errorCode: code });
}

export function unauthorized(): ConnectError {
  return {
    status: 401,
    code: 'NOT_AUTHORIZED',
    title: 'Authentication credentials are missing or invalid.',
    detail: 'Provide a properly configured and signed bearer token, and make sure that it has not expired.',
  };
}

export function forbidden(detail: string): ConnectError {
  return { status: 403, code: 'FORBIDDEN_ERROR', title: 'This request is forbidden for security reasons.', detail };
}

export function appNotFound(id: string): ConnectError {
  const detail = `There is no resource of type 'apps' with id '${id}'.`;
  return { status: 404, code: 'NOT_FOUND', title: 'The specified resource does not exist.', detail };
}

export function pathError(): ConnectError {
  const detail = 'The path of the request matches no resource.';
  return { status: 404, code: 'PATH_ERROR', title: 'The URL path is not valid.', detail };
}

export function methodNotAllowed(method: string): ConnectError {
  const detail = `${method} is not allowed on this resource.`;
  return {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    title: 'The request method is not valid for the resource.',
    detail,
  };
}

export function parameterError(kind: 'ILLEGAL' | 'INVALID', parameter: string, detail: string): ConnectError {
  const title = kind === 'ILLEGAL' ? 'A parameter is not allowed.' : 'A parameter has an invalid value.';
  return { status: 400, code: `PARAMETER_ERROR.${kind}`, title, detail, source: { parameter } };
}

export function unreadableEntity(detail: string): ConnectError {
  return { status: 400, code: 'ENTITY_INVALID', title: 'The request body is not valid JSON of this API.', detail };
}

export function unacceptableEntity(code: string, pointer: string, detail: string): ConnectError {
  const title = 'The provided entity has an attribute or a value that is not acceptable.';
  return { status: 409, code: `ENTITY_ERROR.${code}`, title, detail, source: { pointer } };
}

export function rateLimited(): ConnectError {
  const detail = 'The hourly limit of this key is used up.';
  return { status: 429, code: 'RATE_LIMIT_EXCEEDED', title: 'The request rate limit has been reached.', detail };
}
