import { createHmac } from 'node:crypto';
import { type EmulatorRequest, type EmulatorResponse, jsonResponse } from './http.js';

/** Probed by Docker and the like, on both ports, without a token. */
export const HEALTH_PATH = '/healthz';

const LONGEST_CHALLENGE = 100;

/** Shows knowledge of the control token without sending it. */
export function healthProof(controlToken: string, challenge: string): string {
  return createHmac('sha256', controlToken).update(`health ${challenge}`).digest('base64url');
}

/** `{"status":"ok"}`. With `?challenge=TEXT` also `proof`, by which a client knows its emulator before it sends the control token. */
export function answerHealth({ url }: EmulatorRequest, controlToken: string): EmulatorResponse {
  const challenge = url.searchParams.get('challenge');
  if (challenge === null || challenge.length > LONGEST_CHALLENGE) return jsonResponse(200, { status: 'ok' });
  return jsonResponse(200, { status: 'ok', proof: healthProof(controlToken, challenge) });
}
