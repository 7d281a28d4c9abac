import { isJsonObject, type JsonObject } from '../../jws/json.js';
import { environmentOf } from '../../notification/kind.js';
import { foreignLabel, rowsOf, selectRows } from './fields.js';
import type { Row } from './layout.js';
import { NOT_KNOWN, type ValueContext } from './values.js';

const CONTAINERS = ['data', 'summary', 'externalPurchaseToken', 'appData', 'unclaimInfo'] as const;
/** To which app, in which environment: first, wherever in the container they stand. */
const APP_FIELDS = ['bundleId', 'appAppleId', 'environment'];
const MOMENT_AND_ID = ['signedDate', 'notificationUUID'];
/** They are the headline. */
const HEADLINE_FIELDS = ['notificationType', 'subtype'];

/**
 * The rows of an outer notification: app, environment, moment, id, then what else its container and the notification itself say.
 * `opened` are the names of nested tokens that have a group of their own.
 */
export function notificationRows(
  notification: JsonObject,
  context: ValueContext,
  opened: readonly string[],
): readonly Row[] {
  const name = containerOf(notification);
  const container = name === null ? {} : (notification[name] as JsonObject);
  const object = CONTAINERS.find((known) => known === name) ?? 'data';
  const headline = HEADLINE_FIELDS.filter((field) => typeof notification[field] === 'string');
  return [
    ...selectRows(container, object, context, APP_FIELDS),
    ...toldEnvironment(notification, name),
    ...momentRows(notification, context),
    ...rowsOf(container, object, context, new Set([...APP_FIELDS, ...opened])),
    ...rowsOf(notification, 'notification', context, new Set([...headline, ...MOMENT_AND_ID, name ?? ''])),
    ...newContainerRow(name),
  ];
}

/** The one object that says what it is about; of a kind newer than this version: the first object there is. */
function containerOf(notification: JsonObject): string | null {
  const isObject = (name: string): boolean => Object.hasOwn(notification, name) && isJsonObject(notification[name]);
  return CONTAINERS.find(isObject) ?? Object.keys(notification).find(isObject) ?? null;
}

/** External purchase tokens have no environment field: the prefix of their id tells. */
function toldEnvironment(notification: JsonObject, container: string | null): readonly Row[] {
  const environment = container === 'externalPurchaseToken' ? environmentOf(notification, 'notification') : null;
  return environment === null
    ? []
    : [{ label: 'environment', value: environment, remark: 'told by externalPurchaseId' }];
}

function momentRows(notification: JsonObject, context: ValueContext): readonly Row[] {
  const rows = selectRows(notification, 'notification', context, MOMENT_AND_ID);
  if (Object.hasOwn(notification, 'signedDate')) return rows;
  return [{ label: 'signedDate', value: '–', remark: 'absent, as was usual before mid 2022' }, ...rows];
}

function newContainerRow(name: string | null): readonly Row[] {
  if (name === null || CONTAINERS.some((known) => known === name)) return [];
  return [
    { label: foreignLabel(name), foreign: true, value: '', remark: `${NOT_KNOWN}; what it holds is shown above` },
  ];
}
