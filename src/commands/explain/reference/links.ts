const DOCUMENTATION = 'https://developer.apple.com/documentation';

const NOTIFICATIONS = `${DOCUMENTATION}/appstoreservernotifications`;

const SERVER_API = `${DOCUMENTATION}/appstoreserverapi`;

const RETENTION = `${DOCUMENTATION}/retentionmessaging`;

export const TYPES_LINK = `${NOTIFICATIONS}/notificationtype`;

export const SUBTYPES_LINK = `${NOTIFICATIONS}/subtype`;

export const ATTEMPTS_LINK = `${SERVER_API}/sendattemptresult`;

export const UNAUTHENTICATED_LINK = `${SERVER_API}/generating-json-web-tokens-for-api-requests`;

export const CONNECT_ERRORS_LINK = `${DOCUMENTATION}/appstoreconnectapi/interpreting_and_handling_errors`;

/** Page of each object that has one, by its path; a field is described on the page of the nearest object. Source: links in Apple's node library. */
const OBJECTS: Readonly<Record<string, string>> = {
  notification: `${NOTIFICATIONS}/responsebodyv2decodedpayload`,
  'notification.data': `${NOTIFICATIONS}/data`,
  'notification.summary': `${NOTIFICATIONS}/summary`,
  'notification.externalPurchaseToken': `${NOTIFICATIONS}/externalpurchasetoken`,
  'notification.appData': `${NOTIFICATIONS}/appdata`,
  transaction: `${SERVER_API}/jwstransactiondecodedpayload`,
  renewalInfo: `${SERVER_API}/jwsrenewalinfodecodedpayload`,
  appTransaction: `${SERVER_API}/jwsapptransactiondecodedpayload`,
  realtimeRequest: `${RETENTION}/decodedrealtimerequestbody`,
  notificationV1: `${NOTIFICATIONS}/responsebodyv1`,
};

/** Apple's page of the object that holds this field: `notification.data.bundleId`. Null for a path of no payload. */
export function fieldLink(path: string): string | null {
  const steps = path.replaceAll('[]', '').split('.').slice(0, -1);
  while (steps.length > 0) {
    const link = OBJECTS[steps.join('.')];
    if (link !== undefined) return link;
    steps.pop();
  }
  return null;
}

/** Errors of the Retention Messaging API, which have their pages there. Source: links in Apple's node library. */
const RETENTION_ERRORS: ReadonlySet<number> = new Set([
  4000161, 4000162, 4000163, 4000164, 4000175, 4000211, 4000212, 4000213, 4000216, 4000218, 4000219, 4030014, 4030016,
  4030017, 4030018, 4030019, 4030026, 4040014, 4040015, 4040018, 4040020, 4040021, 4090000, 4090001,
]);

/** Errors of which no page of their own is known: linked to the page of the API, or to its list of error codes. */
const WITHOUT_PAGE: Readonly<Record<number, string>> = {
  4000004: `${SERVER_API}/error_codes`,
  4000215: RETENTION,
  4000224: RETENTION,
  4000227: `${SERVER_API}/error_codes`,
  4030028: `${SERVER_API}/error_codes`,
  4040022: `${SERVER_API}/error_codes`,
};

/** Apple's page of an error of the Server API. */
export function apiErrorLink(code: number, name: string): string {
  const framework = RETENTION_ERRORS.has(code) ? RETENTION : SERVER_API;
  return WITHOUT_PAGE[code] ?? `${framework}/${name.toLowerCase()}error`;
}

/** Verification statuses: the reference of Apple's node library has the names and their numbers; Apple documents the others nowhere. */
export function statusLink(isInNode: boolean): string {
  return isInNode
    ? 'https://apple.github.io/app-store-server-library-node/enums/VerificationStatus.html'
    : `${SERVER_API}/simplifying-your-implementation-by-using-the-app-store-server-library`;
}
