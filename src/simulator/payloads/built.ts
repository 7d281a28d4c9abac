import type { JsonObject } from '../../jws/json.js';

/** A notification before it is signed: the payload without its nested tokens, and what goes into those. */
export interface BuiltNotification {
  readonly notification: JsonObject;
  readonly transaction?: JsonObject;
  readonly renewalInfo?: JsonObject;
  readonly appTransaction?: JsonObject;
}
