import { type BerValue, octetsOf, parseBer } from './ber.js';
import { type DetectedFormat, detected } from './detected.js';

/** 1.2.840.113549.1.7.2, signedData of PKCS#7. */
const SIGNED_DATA = Buffer.from('06092a864886f70d010702', 'hex');

const OCTET_STRING = 0x04;
const SET = 0x31;

/** Attribute types of an app receipt. Source: docs "Receipt Fields" and "Validating receipts on the device". */
const ATTRIBUTE = { environment: 0, bundleId: 2, inApp: 17 } as const;
const PURCHASE = { productId: 1702, transactionId: 1703, originalTransactionId: 1705 } as const;

/** More purchases than fit a hint are counted. */
const MOST_SHOWN = 3;

/** An app receipt (`appStoreReceiptURL`, `transactionReceipt`, `serverVerificationData` of StoreKit 1) with what it says; else null. */
export function detectReceipt(bytes: Uint8Array): DetectedFormat | null {
  const isPkcs7 = bytes[0] === 0x30 && Buffer.from(bytes.subarray(0, 40)).includes(SIGNED_DATA);
  if (!isPkcs7) return null;
  const attributes = attributesOf(bytes);
  const purchases = attributes.filter(({ type }) => type === ATTRIBUTE.inApp).map(({ value }) => purchaseIn(value));
  return detected(
    'app-receipt',
    'an app receipt (PKCS#7)',
    'It is what StoreKit 1 gives an app and verifyReceipt took, not a signed token.',
    'Send the jwsRepresentation of the StoreKit 2 transaction instead, or ask the Server API for the transaction id that the receipt holds (Get Transaction Info).',
    [
      ['bundle id', textIn(attributes, ATTRIBUTE.bundleId)],
      ['environment', textIn(attributes, ATTRIBUTE.environment)],
      ...purchases.slice(0, MOST_SHOWN).flatMap(describePurchase),
      ['further purchases', purchases.length > MOST_SHOWN ? String(purchases.length - MOST_SHOWN) : null],
    ],
  );
}

/** iOS 6's `transactionReceipt`: an old-style property list with `purchase-info`. */
export function detectIos6Receipt(text: string): DetectedFormat | null {
  if (!/^\s*[{"][\s\S]{0,4000}"?(?:purchase-info|signing-status|pod)"?\s*=\s*"/.test(text)) return null;
  return detected(
    'ios6-receipt',
    'a transaction receipt in the format of iOS 6',
    'It is a property list that verifyReceipt took, not a signed token.',
    'Send the jwsRepresentation of the StoreKit 2 transaction instead, or ask the Server API for its transaction id (Get Transaction Info).',
    purchaseInfoOf(text),
  );
}

function purchaseInfoOf(text: string): readonly (readonly [string, string | null])[] {
  const encoded = /"purchase-info"\s*=\s*"([A-Za-z0-9+/=]{0,20000})"/.exec(text)?.[1];
  const info = encoded === undefined ? text : Buffer.from(encoded, 'base64').toString('utf8');
  const value = (name: string): string | null =>
    new RegExp(`"${name}"\\s*=\\s*"([^"]{1,200})"`).exec(info)?.[1] ?? null;
  return [
    ['bundle id', value('bid')],
    ['product id', value('product-id')],
    ['transaction id', value('transaction-id')],
    ['original transaction id', value('original-transaction-id')],
  ];
}

interface Attribute {
  readonly type: number;
  readonly value: Uint8Array;
}

/** The attributes of the first SET that an OCTET STRING in the receipt holds. */
function attributesOf(bytes: Uint8Array): readonly Attribute[] {
  const outer = parseBer(bytes);
  const payload = outer === null ? undefined : allOf(outer).find((value) => (value.tag & ~0x20) === OCTET_STRING);
  return payload === undefined ? [] : attributesIn(octetsOf(payload));
}

/** SET OF SEQUENCE { type INTEGER, version INTEGER, value OCTET STRING }. */
function attributesIn(bytes: Uint8Array): readonly Attribute[] {
  const set = parseBer(bytes);
  if (set?.tag !== SET) return [];
  return set.children.flatMap(({ children: [type, , value] }) =>
    type === undefined || value === undefined ? [] : [{ type: numberIn(type.content), value: octetsOf(value) }],
  );
}

function allOf(value: BerValue): readonly BerValue[] {
  return [value, ...value.children.flatMap(allOf)];
}

function numberIn(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

function purchaseIn(bytes: Uint8Array): { readonly [Name in keyof typeof PURCHASE]: string | null } {
  const attributes = attributesIn(bytes);
  return {
    productId: textIn(attributes, PURCHASE.productId),
    transactionId: textIn(attributes, PURCHASE.transactionId),
    originalTransactionId: textIn(attributes, PURCHASE.originalTransactionId),
  };
}

function describePurchase({ productId, transactionId, originalTransactionId }: ReturnType<typeof purchaseIn>) {
  return [
    ['product id', productId],
    ['transaction id', transactionId],
    ['original transaction id', originalTransactionId === transactionId ? null : originalTransactionId],
  ] as const;
}

/** A value is a string type of ASN.1 in an OCTET STRING. */
function textIn(attributes: readonly Attribute[], type: number): string | null {
  const found = attributes.find((attribute) => attribute.type === type);
  const value = found === undefined ? null : parseBer(found.value);
  return value === null ? null : Buffer.from(value.content).toString('utf8');
}
