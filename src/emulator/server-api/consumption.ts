import { parseJsonObject } from '../../jws/json.js';
import { type EmulatorRequest, type EmulatorResponse, textResponse } from '../http.js';
import type { ServerApiCall, ServerApiState } from './call.js';
import { type ConsumptionDefect, checkConsumptionV1, checkConsumptionV2 } from './consumption-body.js';
import { errorResponse } from './errors.js';
import { unknownTransaction, withTransactionId } from './transactions.js';

/** Send Consumption Information, in both versions. Source: docs, Send Consumption Information, Send Consumption Information V1. */
export const CONSUMPTION_CALLS: readonly ServerApiCall[] = [
  {
    name: 'consumption',
    method: 'PUT',
    path: '/inApps/v2/transactions/consumption/{transactionId}',
    handle: withTransactionId((request, id, state) => receive(request, id, 2, state)),
  },
  {
    name: 'consumption',
    method: 'PUT',
    path: '/inApps/v1/transactions/consumption/{transactionId}',
    handle: withTransactionId((request, id, state) => receive(request, id, 1, state)),
  },
];

/** 202 without a body, also for what no open request asks for: Apple documents no error for that. */
function receive(
  { body: bytes }: EmulatorRequest,
  transactionId: string,
  version: 1 | 2,
  state: ServerApiState,
): EmulatorResponse {
  const { store, environment, onConsumption } = state;
  const found = store.find(transactionId);
  if (found === undefined) {
    return store.isAppTransaction(transactionId) ? errorResponse(4000048) : unknownTransaction(state);
  }
  const body = parseJsonObject(bytes);
  // Source: docs, "If there's no error code, the request is malformed."
  if (body === null) return textResponse(400, 'Bad Request\n', { cause: 'the body is not a JSON object' });
  const check = version === 1 ? checkConsumptionV1 : checkConsumptionV2;
  const defect = check(body, store.payloadOf(found));
  if (defect !== null) return refuse(defect);
  onConsumption({ environment, transactionId, version, body });
  return { status: 202 };
}

function refuse({ code, name }: ConsumptionDefect): EmulatorResponse {
  return errorResponse(code, name === undefined ? {} : { cause: `Apple answers 400 with ${name}` });
}
