import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../errors.js';
import type { Random } from '../simulator/random.js';

/** A key as Apple hands it out: a .p8 file named for its id, and the issuer that owns it. */
interface ApiKey {
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
    replaceFile(rootPath, rootPem, random);
    return { server, connect, individual, rootPath, controlToken: controlTokenOf(server) };
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    const message = `the emulator cannot keep its keys in ${folder}: ${why}`;
    throw new ToolError('usage', 'ERR_EMULATOR_FOLDER', message, { cause });
  }
}

function openKey(folder: string, prefix: 'SubscriptionKey' | 'AuthKey', random: Random): ApiKey {
  makeFolder(folder);
  const found = readdirSync(folder).find((name) => KEY_FILES[prefix].test(name));
  const name = found ?? `${prefix}_${keyIdFrom(random)}.p8`;
  const privateKeyPath = join(folder, name);
  const known = found === undefined ? null : readKey(privateKeyPath);
  const key = known ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  if (known === null) replaceFile(privateKeyPath, key.export({ type: 'pkcs8', format: 'pem' }).toString(), random);
  const publicKey = createPublicKey(key);
  const keyId = name.slice(prefix.length + 1, -'.p8'.length);
  return { keyId, issuerId: issuerIdOf(publicKey), privateKeyPath, publicKey };
}

const KEY_FILES = {
  SubscriptionKey: /^SubscriptionKey_[A-Z0-9]{10}\.p8$/,
  AuthKey: /^AuthKey_[A-Z0-9]{10}\.p8$/,
} as const;

/** A clone may bring a link, which would have us write elsewhere. */
function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  if (!lstatSync(folder).isDirectory()) throw new Error('it is no folder of its own');
}

/** Null for a link, and for a file that was cut short or replaced: the key is then made anew. */
function readKey(path: string): KeyObject | null {
  if (!lstatSync(path).isFile()) return null;
  try {
    const key = createPrivateKey(readFileSync(path));
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null;
  } catch {
    return null;
  }
}

/** Moved into place: never written through a link, never seen half, and never with the modes of an older file. */
function replaceFile(path: string, text: string, random: Random): void {
  const draft = `${path}.${Buffer.from(random(DRAFT_BYTES)).toString('hex')}`;
  writeFileSync(draft, text, { mode: FILE_MODE, flag: 'wx' });
  renameSync(draft, path);
}

const DRAFT_BYTES = 6;

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
