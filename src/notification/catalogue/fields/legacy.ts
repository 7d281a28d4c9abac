import type { FieldEntry } from '../entry.js';
import { field } from '../rows.js';

/** Body of a version 1 notification: plain JSON without a signature, deprecated on 5 June 2023. Source: apple.md section 8. */
export const NOTIFICATION_V1: readonly FieldEntry[] = [
  field('notification_type', 'enum', 'What happened.', null, { values: 'notificationTypeV1' }),
  field('environment', 'enum', 'Where it happened.', null, { values: 'environmentV1' }),
  field('bid', 'string', 'Bundle id of the app.', null),
  field('bvrs', 'string', 'Build of the app.', null),
  field('password', 'string', "The app's shared secret: never shown.", null),
  field('original_transaction_id', 'string', 'Identifies the first purchase.', null),
  field('auto_renew_product_id', 'string', 'Product that will renew.', null),
  field('auto_renew_adam_id', 'string', "Apple's number of that product.", null),
  field('auto_renew_status', 'enum', 'Whether it will renew.', null, { values: 'autoRenewStatusV1' }),
  field('auto_renew_status_change_date', 'string', 'When renewal was turned on or off.', null),
  field('auto_renew_status_change_date_ms', 'string', 'The same, milliseconds since 1970 as text.', null),
  field('auto_renew_status_change_date_pst', 'string', 'The same, in Pacific time.', null),
  field('expiration_intent', 'code', 'Why the subscription ended.', null, { values: 'expirationIntent' }),
  field('deprecation', 'string', 'Notice that version 1 is deprecated.', null),
  field('unified_receipt', 'object', 'Latest purchases of the customer.', null, { of: 'unifiedReceipt' }),
  field('latest_receipt', 'string', 'Removed in March 2021.', null),
  field('latest_receipt_info', 'object', 'Removed in March 2021.', null),
  field('latest_expired_receipt', 'string', 'Removed in March 2021.', null),
  field('latest_expired_receipt_info', 'object', 'Removed in March 2021.', null),
];

export const UNIFIED_RECEIPT: readonly FieldEntry[] = [
  field('environment', 'enum', 'Where it was bought.', null, { values: 'environmentV1' }),
  field('latest_receipt', 'string', 'The latest receipt, base64.', null),
  field('latest_receipt_info', 'array', 'The latest purchases, at most 100.', null),
  field('pending_renewal_info', 'array', 'What comes next for each subscription.', null),
  field('status', 'integer', '0 where the receipt is good.', null),
];
