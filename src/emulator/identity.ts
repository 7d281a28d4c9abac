import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../errors.js';
import type { Random } from '../simulator/random.js';

/** A key as Apple hands it out: a .p8 file named for its id, and the issuer that owns it. */
export interface ApiKey {
  readonly keyId: string;
  readonly issuerId: string;
  readonly privateKeyPath: string;
  readonly publicKey: KeyObject;
}

/** Who may ask this emulator what. */
export interface Identity {
  /** In-App Purchase key, for the Server API. */
  readonly server: ApiKey;
  /** Team key of App Store Connect. */
  readonly connect: ApiKey;
  /** Individual key of App Store Connect. */
  readonly individual: ApiKey;
  readonly rootPath: string;
  readonly controlToken: string;
}

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * Reads the keys in `folder` and makes those that are not there, so that what a shell or a CI job has exported stays right when
 * the emulator is started again. Issuer id and control token follow from the keys. Writes root.pem each time.
 * Throws `ERR_EMULATOR_FOLDER` (usage) where the folder cannot be written.
 */
export function openIdentity(folder: string, rootPem: string, random: Random): Identity {
  try {
    const server = openKey(folder, 'SubscriptionKey', random);
    const connect = openKey(folder, 'AuthKey', random);
    const individual = openKey(join(folder, 'individual'), 'AuthKey', random);
    const rootPath = join(folder, 'root.pem');
    writePrivately(rootPath, rootPem);
    return { server, connect, individual, rootPath, controlToken: controlTokenOf(server) };
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const message = `the emulator cannot keep its keys in ${folder}: ${why}`;
    throw new ToolError('usage', 'ERR_EMULATOR_FOLDER', message, { cause });
  }
}

function openKey(folder: string, prefix: 'SubscriptionKey' | 'AuthKey', random: Random): ApiKey {
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  const found = readdirSync(folder).find((name) => name.startsWith(`${prefix}_`) && name.endsWith('.p8'));
  const name = found ?? `${prefix}_${keyIdFrom(random)}.p8`;
  const privateKeyPath = join(folder, name);
  const known = found === undefined ? null : parseKey(readFileSync(privateKeyPath, 'utf8'));
  const key = known ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  if (known === null) writePrivately(privateKeyPath, key.export({ type: 'pkcs8', format: 'pem' }).toString());
  const publicKey = createPublicKey(key);
  return {
    keyId: name.slice(prefix.length + 1, -'.p8'.length),
    issuerId: issuerIdOf(publicKey),
    privateKeyPath,
    publicKey,
  };
}

/** Null for a file that was cut short or replaced: the key is then made anew. */
function parseKey(pem: string): KeyObject | null {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null;
  } catch {
    return null;
  }
}

/** An older file may be readable by others, and `mode` counts for new files only. */
function writePrivately(path: string, text: string): void {
  writeFileSync(path, text, { mode: FILE_MODE });
  chmodSync(path, FILE_MODE);
}

const KEY_ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const KEY_ID_LENGTH = 10;

function keyIdFrom(random: Random): string {
  return Array.from(random(KEY_ID_LENGTH), (byte) => KEY_ID_LETTERS[byte % KEY_ID_LETTERS.length]).join('');
}

/** A version 5 UUID in shape: always the same for one key. */
function issuerIdOf(publicKey: KeyObject): string {
  const digest = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  return digest.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Whoever can read the key file may control the emulator anyway. */
function controlTokenOf({ privateKeyPath }: ApiKey): string {
  return createHmac('sha256', readFileSync(privateKeyPath)).update('storewire emulator control').digest('base64url');
}
