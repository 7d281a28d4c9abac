import { describeJson, isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import { decodedKind } from '../notification/kind.js';
import { type DetectedFormat, detected } from './detected.js';
import { detectToken } from './token.js';

const SIGNED_PAYLOAD = 'Pass the value of signedPayload, as the App Store posted it.';

/** A JSON value that is recognisably something else than a body of the App Store; null where nothing is known of it. */
export function detectJson(value: Json, nowMs: number): DetectedFormat | null {
  if (typeof value === 'string') return detectJsonString(value);
  if (!isJsonObject(value)) return null;
  return (
    detectReceiptJson(value) ??
    detectSignIn(value, nowMs) ??
    detectApiError(value) ??
    detectRenamed(value) ??
    detectWebhook(value) ??
    detectStoreKit(value) ??
    detectDecoded(value)
  );
}

function detectJsonString(value: string): DetectedFormat | null {
  if (!/^\s*\{\s*"/.test(value)) return null;
  return detected(
    'double-encoded',
    'a JSON string that holds the JSON',
    'It was encoded twice (JSON.stringify of a string).',
    'Forward the body as it was received, without encoding it again.',
  );
}

function detectReceiptJson(value: JsonObject): DetectedFormat | null {
  const replacement =
    'verifyReceipt is deprecated: send the jwsRepresentation of the StoreKit 2 transaction, or ask the Server API for the transaction id.';
  if (value['receipt-data'] !== undefined) {
    return detected(
      'verify-receipt-request',
      'a request to verifyReceipt',
      'It holds an app receipt, which is not a signed token.',
      `${replacement} Do not share it: it may hold the shared secret.`,
    );
  }
  if (isReceiptStatus(value)) {
    return detected(
      'verify-receipt-response',
      'a response of verifyReceipt',
      `It reports the error ${describeJson(value.status)}${RECEIPT_STATUSES[describeJson(value.status)] ?? ''} and holds no payload.`,
      replacement,
      [['environment', textOf(value.environment)]],
    );
  }
  const isResponse =
    (typeof value.status === 'number' && (isJsonObject(value.receipt) || value.latest_receipt_info !== undefined)) ||
    (value.latest_receipt_info !== undefined && value.notification_type === undefined);
  if (!isResponse && !isInAppList(value)) return null;
  const [last] = [
    ...entriesOf(value.latest_receipt_info),
    ...entriesOf(isJsonObject(value.receipt) ? value.receipt.in_app : undefined),
  ];
  return detected(
    'verify-receipt-response',
    'a response of verifyReceipt',
    'It is plain JSON without a signature, so nothing in it can be verified.',
    replacement,
    [
      ['environment', textOf(value.environment)],
      ['transaction id', textOf(last?.transaction_id)],
      ['original transaction id', textOf(last?.original_transaction_id)],
    ],
  );
}

/** Statuses whose cause is often misread. Source: docs "status" of verifyReceipt. */
const RECEIPT_STATUSES: Readonly<Record<string, string>> = {
  21002: ' (the receipt data was malformed, or the service had a temporary issue)',
  21003: ' (the receipt could not be authenticated)',
  21004: ' (the shared secret does not match)',
  21007: ' (a sandbox receipt was sent to production)',
  21008: ' (a production receipt was sent to sandbox)',
};

/** `{"status":21007}`, with little else. */
function isReceiptStatus({ status, receipt, latest_receipt_info, ...rest }: JsonObject): boolean {
  const isError = typeof status === 'number' && status >= 21000 && status <= 21199;
  return isError && receipt === undefined && latest_receipt_info === undefined && Object.keys(rest).length < 4;
}

function isInAppList(value: JsonObject): boolean {
  return typeof value.original_transaction_id === 'string' && value.purchase_date_ms !== undefined;
}

function entriesOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isJsonObject) : [];
}

/** `{"payload":"<token>"}`, as Sign in with Apple posts it. */
function detectSignIn(value: JsonObject, nowMs: number): DetectedFormat | null {
  const found = typeof value.payload === 'string' ? detectToken(value.payload, nowMs) : null;
  return found?.id.startsWith('sign-in') === true ? found : null;
}

function detectApiError(value: JsonObject): DetectedFormat | null {
  const [error] = entriesOf(value.errors);
  if (typeof error?.code === 'string' && typeof error.status === 'string' && error.title !== undefined) {
    return detected(
      'api-error',
      'an error response of the App Store Connect API',
      'It holds no payload.',
      `See what it means: storewire explain ${/^[A-Z_.]{3,80}$/.test(error.code) ? error.code : '401'}`,
      [
        ['status', textOf(error.status)],
        ['code', textOf(error.code)],
        ['detail', textOf(error.detail)],
      ],
    );
  }
  const code = value.errorCode;
  if (typeof code !== 'number' || !/^\d{7}$/.test(String(code))) return null;
  return detected(
    'api-error',
    'an error response of the App Store Server API',
    `It says error ${code} and holds no payload.`,
    `See what it means: storewire explain ${code}`,
    [
      ['errorCode', String(code)],
      ['errorMessage', textOf(value.errorMessage)],
    ],
  );
}

const RENAMED =
  /^(?:signed[_-]payload|signedpayload[_-]?v?\d?|signedPayLoad|signed_pay_load|jws|signedPayloadString)$/i;

function detectRenamed(value: JsonObject): DetectedFormat | null {
  const name = Object.keys(value).find((key) => RENAMED.test(key) && key.toLowerCase() !== 'signedpayload');
  if (name === undefined) return null;
  return detected(
    'renamed-field',
    'a body whose field was renamed on the way',
    'The App Store posts the field signedPayload; here it has another name.',
    'Pass the body on as it was received, and switch off what converts key names (snake_case).',
    [['field', name.slice(0, 40)]],
  );
}

function detectWebhook(value: JsonObject): DetectedFormat | null {
  return connectWebhook(value) ?? revenueCat(value) ?? google(value) ?? otherWebhook(value);
}

/** `{"data":{"type":"appStoreVersionAppVersionStateUpdated","id":…,"version":1,"attributes":{…}}}`, signed by an HMAC header. */
function connectWebhook({ data }: JsonObject): DetectedFormat | null {
  const isOne =
    isJsonObject(data) && typeof data.type === 'string' && typeof data.id === 'string' && isJsonObject(data.attributes);
  if (!isOne) return null;
  return detected(
    'connect-webhook',
    'a webhook of App Store Connect',
    'It tells of builds, versions or TestFlight, is signed by the header X-Apple-SIGNATURE, and is not an App Store Server Notification.',
    'Give webhooks (Users and Access, Integrations) a URL of their own.',
    [['type', textOf(data.type)]],
  );
}

function revenueCat({ event, api_version }: JsonObject): DetectedFormat | null {
  const isOne = isJsonObject(event) && (api_version !== undefined || event.app_user_id !== undefined);
  if (!isOne) return null;
  return detected(
    'revenuecat-event',
    'a webhook event of RevenueCat',
    'RevenueCat sends it to your server; the App Store did not sign it.',
    'Give RevenueCat a URL of its own; the notification URL in App Store Connect is for Apple.',
    [['type', textOf(event.type)]],
  );
}

/** A push message of Google Cloud Pub/Sub whose data is a Real-time developer notification, or that notification itself. */
function google(value: JsonObject): DetectedFormat | null {
  const { message } = value;
  const encoded = isJsonObject(message) && typeof message.data === 'string' ? message.data : null;
  const text = encoded === null ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  if (typeof value.packageName !== 'string' && !/"packageName"\s*:/.test(text)) return null;
  return detected(
    'google-notification',
    'a Real-time developer notification of Google Play',
    'Google sends it through Pub/Sub for purchases on Android; the App Store did not sign it.',
    'Give Google Play a URL of its own.',
  );
}

/** What goes with StoreKit and the Server API and is no payload. */
function detectStoreKit(value: JsonObject): DetectedFormat | null {
  if (typeof value.testNotificationToken === 'string') {
    return detected(
      'test-notification-token',
      'the answer to a request for a TEST notification',
      'It names the TEST and holds no payload.',
      'Ask Apple for its outcome: storewire status TOKEN --environment sandbox',
      [['testNotificationToken', textOf(value.testNotificationToken)]],
    );
  }
  if (isEmptyResponse(value)) {
    return detected(
      'empty-response',
      'an answer of the App Store Server API without entries',
      'Apple found nothing for the request.',
      'Check the environment, the dates and the ids that were asked for.',
    );
  }
  if (typeof value.signature === 'string' && typeof value.nonce === 'string' && value.timestamp !== undefined) {
    return detected(
      'offer-signature',
      'the signature for a promotional offer with its parameters',
      'It is made with your own key, goes to StoreKit with a purchase, and holds no payload.',
      'To see what was bought with it, take the jwsRepresentation of the transaction.',
      [['key id', textOf(value.keyIdentifier ?? value.keyID)]],
    );
  }
  const isConfiguration = Array.isArray(value.subscriptionGroups) && isJsonObject(value.version);
  return isConfiguration
    ? detected(
        'storekit-configuration',
        'a StoreKit configuration file of Xcode',
        'It lists products for tests in Xcode and holds no payload.',
        'For a transaction made with it, take jwsRepresentation; Xcode signs it, not the App Store.',
      )
    : null;
}

function isEmptyResponse({
  notificationHistory,
  signedTransactions,
  hasMore,
  data,
  environment,
  bundleId,
}: JsonObject): boolean {
  const isEmpty = (list: Json | undefined): boolean => Array.isArray(list) && list.length === 0;
  if (isEmpty(notificationHistory) || isEmpty(signedTransactions)) return hasMore !== undefined;
  return isEmpty(data) && environment !== undefined && bundleId !== undefined;
}

const OTHERS: readonly (readonly [name: string, isOne: (value: JsonObject) => boolean])[] = [
  ['Superwall', (value) => value.object === 'event' && typeof value.type === 'string' && value.projectId !== undefined],
  ['Stripe', (value) => value.object === 'event' && typeof value.type === 'string' && isJsonObject(value.data)],
  [
    'the Amazon Appstore',
    (value) => typeof value.notificationType === 'string' && typeof value.appPackageName === 'string',
  ],
  [
    'Qonversion',
    (value) =>
      typeof value.event_name === 'string' && value.user_id !== undefined && value.custom_user_id !== undefined,
  ],
  ['Adapty', (value) => typeof value.event_type === 'string' && value.profile_id !== undefined],
  ['Paddle', (value) => typeof value.event_type === 'string' && value.notification_id !== undefined],
  [
    'Amazon SNS',
    (value) => typeof value.TopicArn === 'string' && typeof value.Type === 'string' && value.Type !== 'Notification',
  ],
];

function otherWebhook(value: JsonObject): DetectedFormat | null {
  const [name] = OTHERS.find(([, isOne]) => isOne(value)) ?? [];
  if (name === undefined) return null;
  return detected(
    'other-webhook',
    `a webhook event of ${name}`,
    'The App Store did not sign it.',
    `Give ${name} a URL of its own; the notification URL in App Store Connect is for Apple.`,
  );
}

/** A payload after decoding: jwt.io, a library's result, a database column. */
function detectDecoded(value: JsonObject): DetectedFormat | null {
  const payload = isJsonObject(value.payload) && isJsonObject(value.header) ? value.payload : value;
  const kind = decodedKind(payload);
  if (kind === null) return detectSnakeCase(payload);
  const format = detected(
    'decoded-payload',
    'a payload that is already decoded',
    'It carries no signature, so nothing of it can be verified; only nested tokens can.',
    SIGNED_PAYLOAD,
    [['notificationUUID', textOf(payload.notificationUUID)]],
  );
  return { ...format, decoded: { kind, payload } };
}

/** A decoded notification whose keys were converted; its content is there, under other names. */
function detectSnakeCase(payload: JsonObject): DetectedFormat | null {
  if (typeof payload.notification_type !== 'string' || !isJsonObject(payload.data)) return null;
  return detected(
    'decoded-payload',
    'a payload that is already decoded, with key names in snake_case',
    'It carries no signature, so nothing of it can be verified.',
    SIGNED_PAYLOAD,
    [
      ['notificationType', textOf(payload.notification_type)],
      ['notificationUUID', textOf(payload.notification_uuid)],
    ],
  );
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value.slice(0, 200) : null;
}
