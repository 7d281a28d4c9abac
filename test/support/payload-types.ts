import type { FieldEntry, FieldType } from '../../src/notification/catalogue/entry.js';
import { OBJECTS } from '../../src/notification/catalogue/fields.js';
import { VALUES } from '../../src/notification/catalogue/values.js';

/** A version 1 body is a payload without a type: `payload` of its document. */
const WITHOUT_TYPE: ReadonlySet<string> = new Set(['notificationV1', 'unifiedReceipt']);

/** Objects and tables whose names in the catalogue are too short to be names of types, or are those of something else. */
const OBJECT_NAMES: Readonly<Record<string, string>> = { data: 'NotificationData', summary: 'NotificationSummary' };

const VALUE_NAMES: Readonly<Record<string, string>> = {
  environment: 'PayloadEnvironment',
  productType: 'TransactionType',
  status: 'SubscriptionStatus',
  subtype: 'NotificationSubtype',
  tokenType: 'ExternalPurchaseTokenType',
};

const SUMMARIES: Readonly<Record<string, string>> = {
  notification: 'Decoded `signedPayload` of an App Store Server Notification, version 2.',
  transaction: 'Decoded `signedTransactionInfo` (JWSTransactionDecodedPayload).',
  renewalInfo: 'Decoded `signedRenewalInfo` (JWSRenewalInfoDecodedPayload).',
  appTransaction: 'Decoded `signedAppTransactionInfo` (JWSAppTransactionDecodedPayload).',
  realtimeRequest: 'Decoded request of the Retention Messaging API (DecodedRealtimeRequestBody).',
};

const HEADER = `// Written from src/notification/catalogue: npx vitest run test/unit/notification/payload-types.test.ts --update
// Fields are as Apple documents them, all optional; what Apple adds later is there under its name as a JSON value. Only a payload that
// \`verify\` calls valid has been compared with this.

import type { JsonObject } from '../jws/json.js';

`;

const LINE_WIDTH = 120;

/** Source of the types of every payload: an interface for each object, an open union for each table of values in use. */
export function describePayloadTypes(): string {
  const objects = Object.entries(OBJECTS).filter(([name]) => !WITHOUT_TYPE.has(name));
  const used = new Set(objects.flatMap(([, fields]) => fields.flatMap(({ values }) => values ?? [])));
  const tables = Object.keys(VALUES).filter((name) => used.has(name));
  return `${HEADER}${[...objects.map(describeObject), ...tables.map(describeTable)].join('\n')}`;
}

function describeObject([name, fields]: readonly [string, readonly FieldEntry[]]): string {
  return [
    ...comment(SUMMARIES[name] ?? `Value of ${fieldsThat((field) => field.of === name)}.`),
    `export interface ${objectName(name)} extends JsonObject {`,
    ...fields.flatMap((field) => [`  /** ${describeField(field)} */`, `  readonly ${field.name}?: ${typeOf(field)};`]),
    '}',
    '',
  ].join('\n');
}

const UNITS: Partial<Record<FieldType, string>> = {
  date: 'Milliseconds since the epoch.',
  money: 'In thousandths of the currency.',
  percent: 'In thousandths of a percent.',
  period: 'ISO 8601 duration.',
  jws: 'Compact JWS.',
};

function describeField({ type, meaning, since }: FieldEntry): string {
  return [meaning, UNITS[type], since === null ? undefined : `Since ${since}.`].filter(Boolean).join(' ');
}

function typeOf({ type, values, of }: FieldEntry): string {
  switch (type) {
    case 'boolean':
      return 'boolean';
    case 'integer':
    case 'date':
    case 'money':
    case 'percent':
      return 'number';
    case 'strings':
      return 'readonly string[]';
    case 'object':
      return of === undefined ? 'JsonObject' : objectName(of);
    case 'array':
      return `readonly ${of === undefined ? 'JsonObject' : objectName(of)}[]`;
    case 'code':
      return values === undefined ? 'number' : valueName(values);
    default:
      return values === undefined ? 'string' : valueName(values);
  }
}

function describeTable(name: string): string {
  const values = (VALUES[name] ?? []).map(({ value }) => (typeof value === 'string' ? `'${value}'` : `${value}`));
  const members = [...values, values[0]?.startsWith("'") ? '(string & {})' : '(number & {})'];
  const meanings = (VALUES[name] ?? []).map(({ value, meaning }) => `${value} ${meaning}`);
  const explained = values[0]?.startsWith("'") ? '' : `: ${meanings.join('; ')}`;
  const summary = comment(
    `Values of ${fieldsThat((field) => field.values === name)}${explained}. Apple may add others.`,
  );
  const line = `export type ${valueName(name)} = ${members.join(' | ')};`;
  const long = `export type ${valueName(name)} =\n${members.map((member) => `  | ${member}`).join('\n')};`;
  return [...summary, line.length <= LINE_WIDTH ? line : long, ''].join('\n');
}

/** `data` in Notification: the fields of all objects that are described by a table or an object. */
function fieldsThat(isOf: (field: FieldEntry) => boolean): string {
  const found = Object.entries(OBJECTS)
    .filter(([name]) => !WITHOUT_TYPE.has(name))
    .flatMap(([name, fields]) => fields.filter(isOf).map((field) => `\`${field.name}\` in ${objectName(name)}`));
  return found.length <= MOST_FIELDS ? found.join(', ') : `${found.slice(0, MOST_FIELDS).join(', ')} and others`;
}

const MOST_FIELDS = 3;

/** A comment of one line, or of several where it would be too long. */
function comment(text: string): readonly string[] {
  if (text.length + '/**  */'.length <= LINE_WIDTH) return [`/** ${text} */`];
  const lines = text.match(/.{1,110}(?= |$)/g) ?? [];
  return ['/**', ...lines.map((line) => ` * ${line.trim()}`), ' */'];
}

const objectName = (name: string): string => OBJECT_NAMES[name] ?? capitalise(name);

const valueName = (name: string): string => VALUE_NAMES[name] ?? capitalise(name);

const capitalise = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;
